"""Golden for tests/models/wav2vec2/spec_augment_test.ts: how many spans transformers masks.

    python spec_augment.py > spec_augment.json      # transformers==5.23.0, torch==2.13.0 (CPU)

The random numbers of `_compute_mask_indices` are replaced: epsilon is given, and each clip's count is
what the function asks `np.random.choice` for.
"""
import itertools
import json

import numpy
import torch
import transformers
from transformers.models.wav2vec2.modeling_wav2vec2 import _compute_mask_indices

assert transformers.__version__ == "5.23.0", transformers.__version__
cases = []
for size, probability, span, least, epsilon in itertools.product(
    [10, 49, 200], [0.05, 0.3, 1.0], [1, 3, 10], [0, 2, 5], [0.0, 0.499, 0.95]
):
    lengths = [size, size - 1, size // 2, 9, 3, 1]
    asked = []

    def choice(places, count, replace):
        assert not replace
        asked.append([len(places), int(count)])
        return places[:count]

    numpy.random.rand = lambda n: numpy.full(n, epsilon)
    numpy.random.choice = choice
    mask = torch.arange(size)[None] < torch.tensor(lengths)[:, None]
    _compute_mask_indices((len(lengths), size), probability, span, mask.long(), least)
    counts = [count for _, count in asked] or [0] * len(lengths)
    cases.append([size, probability, span, least, epsilon, lengths, counts])
print(json.dumps(cases))
