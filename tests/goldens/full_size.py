"""Full-size Wav2Vec2 checkpoints of random weights, and what transformers get from them.

    python full_size.py DIR          # torch==2.13.0 (CPU), transformers==5.23.0, safetensors==0.8.0

Writes DIR/base (facebook/wav2vec2-base's sizes, pytorch_model.bin) and DIR/large (those of
wav2vec2-large-xlsr, safetensors), 0.4 and 1.3 GB, each with expected.json: logits of a 4-second clip and
the time of a forward pass on two threads. `deno task bench:wav2vec2 DIR` runs both beside PyTorch.
"""
import json
import pathlib
import statistics
import sys
import time

import torch
from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2ForSequenceClassification

LABELS = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"]
COMMON = dict(id2label=dict(enumerate(LABELS)), label2id={l: i for i, l in enumerate(LABELS)}, layerdrop=0.0)
SIZES = {
    "base": dict(feat_extract_norm="group", do_stable_layer_norm=False, conv_bias=False),
    "large": dict(
        hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096,
        feat_extract_norm="layer", do_stable_layer_norm=True, conv_bias=True,
    ),
}
SAMPLES = 64_000


def clip():
    """Numbers that any program can make: two tones and a ramp."""
    t = torch.arange(SAMPLES, dtype=torch.float64) / 16_000
    return (0.3 * torch.sin(1382.3 * t) + 0.1 * torch.sin(5026.5 * t) * t + 0.01 * t).float()


torch.set_num_threads(2)
for name in sys.argv[2:] or SIZES:
    torch.manual_seed(3)
    model = Wav2Vec2ForSequenceClassification(Wav2Vec2Config(**COMMON, **SIZES[name])).eval()
    mask = name == "large"
    extractor = Wav2Vec2FeatureExtractor(do_normalize=True, return_attention_mask=mask)
    folder = pathlib.Path(sys.argv[1]) / name
    folder.mkdir(parents=True, exist_ok=True)
    if mask:
        model.save_pretrained(folder)
    else:
        model.config.save_pretrained(folder)
        torch.save(model.state_dict(), folder / "pytorch_model.bin")
    extractor.save_pretrained(folder)
    x = extractor(clip().numpy(), sampling_rate=16_000, return_tensors="pt").input_values
    times = []
    with torch.no_grad():
        for _ in range(4):
            start = time.perf_counter()
            logits = model(x).logits[0].tolist()
            times.append(time.perf_counter() - start)
    expected = {"logits": logits, "seconds": statistics.median(times[1:])}
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")
    print(name, expected["seconds"], flush=True)
