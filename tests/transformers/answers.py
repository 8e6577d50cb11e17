"""What transformers answer from Hugging Face folders: `python answers.py < job.json`.

The job names folders and 16 kHz 16-bit WAV files; what is printed is, of each folder, the class that
loaded it and each file's probabilities by label. Needs torch and transformers alone.
"""
import json
import sys
import wave

import numpy
import torch
from transformers import AutoFeatureExtractor, AutoModelForAudioClassification


def samples_of(path):
    with wave.open(path) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (16_000, 2, 1), path
        frames = file.readframes(file.getnframes())
    return numpy.frombuffer(frames, "<i2").astype(numpy.float32) / 32768


def answers_of(folder, files):
    model, report = AutoModelForAudioClassification.from_pretrained(
        folder, trust_remote_code=True, output_loading_info=True
    )
    wrong = {kind: sorted(names) for kind, names in report.items() if names}
    assert not wrong, f"{folder}: {wrong}"
    model.eval()
    extractor = AutoFeatureExtractor.from_pretrained(folder)
    answers = []
    for file in files:
        inputs = extractor(samples_of(file), sampling_rate=16_000, return_tensors="pt")
        with torch.no_grad():
            found = torch.softmax(model(inputs.input_values).logits[0].double(), -1).tolist()
        answers.append({model.config.id2label[i]: p for i, p in enumerate(found)})
    return {"class": type(model).__name__, "answers": answers}


job = json.load(sys.stdin)
print(json.dumps([answers_of(folder, job["files"]) for folder in job["folders"]]))
