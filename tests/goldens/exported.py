"""Whether transformers load a run's Hugging Face folder, and answer as `predict` does.

    deno task predict RUN --json FILE.wav… > answers.json
    python exported.py RUN answers.json     # torch==2.13.0 (CPU), transformers==5.23.0, librosa==0.11.0

Exits with 1 where a probability is off by more than 1e-4. Give it 16 kHz recordings: at other rates the
two programs' resampling differs by more than that.
"""
import json
import pathlib
import sys

import librosa
import torch
from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

folder = pathlib.Path(sys.argv[1]) / "huggingface"
model, report = AutoModelForAudioClassification.from_pretrained(
    folder, trust_remote_code=True, output_loading_info=True
)
model.eval()
assert not report["missing_keys"] and not report["unexpected_keys"], report
extractor = AutoFeatureExtractor.from_pretrained(folder)
worst = 0.0
answers = json.loads(pathlib.Path(sys.argv[2]).read_text())["answers"]
for answer in answers:
    samples, rate = librosa.load(answer["file"], sr=None)
    assert rate == 16_000, f"{answer['file']}: {rate} Hz"
    inputs = extractor(samples, sampling_rate=rate, return_tensors="pt")
    with torch.no_grad():
        found = torch.softmax(model(inputs.input_values).logits[0], -1).tolist()
    for i, probability in enumerate(found):
        worst = max(worst, abs(probability - answer["probabilities"][model.config.id2label[i]]))
print(f"{type(model).__name__}: {len(answers)} recordings, probabilities differ by at most {worst:.1e}")
sys.exit(worst > 1e-4)
