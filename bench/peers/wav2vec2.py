"""Seconds of a forward pass of a Wav2Vec2 checkpoint in transformers, on two threads.

Needs torch 2.13 and transformers 5.23. Usage: python bench/peers/wav2vec2.py FOLDER SAMPLES
"""

import statistics
import sys
import time

import torch
from transformers import Wav2Vec2ForSequenceClassification

torch.set_num_threads(2)
model = Wav2Vec2ForSequenceClassification.from_pretrained(sys.argv[1]).eval()
samples = torch.randn(1, int(sys.argv[2]))
times = []
with torch.no_grad():
    for _ in range(5):
        start = time.perf_counter()
        model(samples)
        times.append(time.perf_counter() - start)
print(statistics.median(times[1:]))
