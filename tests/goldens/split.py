"""Splits and random draws of scikit-learn 1.9.1 and NumPy, for tests/features/corpus.

Writes split.json beside itself: python split.py
"""
import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.model_selection import train_test_split

assert sklearn.__version__ == "1.9.1", sklearn.__version__

# RAVDESS in the order of its names: emotion, intensity, statement, repetition, actor.
ravdess = [e for e in range(8) for _ in range(96 if e == 0 else 192)]
uneven = [0] * 7 + [1] * 31 + [2] * 8 + [3] * 31 + [4] * 12 + [6] * 31
interleaved = [(i * i) % 5 for i in range(203)]


def parts(labels, seed):
    index = np.arange(len(labels))
    y = np.array(labels)
    train, rest = train_test_split(index, test_size=0.3, stratify=y, random_state=seed)
    validation, test = train_test_split(rest, test_size=0.5, stratify=y[rest], random_state=seed)
    return {"train": train.tolist(), "validation": validation.tolist(), "test": test.tolist()}


def draws(seed):
    r = np.random.RandomState(seed)
    return {
        "seed": seed,
        "permutation": r.permutation(20).tolist(),
        "randint": r.randint(0, 1000, 700).tolist(),
        "wide": [int(r.randint(0, 2**31 - 1)) for _ in range(4)],
        "choice": r.choice(np.array([3, 1, 4, 15, 9]), 3, replace=False).tolist(),
        "after": int(r.randint(-5, 6)),
    }


cases = [("ravdess", ravdess, 42), ("ravdess", ravdess, 0), ("uneven", uneven, 42),
         ("uneven", uneven, 4294967295), ("interleaved", interleaved, 7)]
out = {
    "labels": {"uneven": uneven, "interleaved": interleaved},
    "splits": [{"labels": n, "seed": s, **parts(y, s)} for n, y, s in cases],
    "draws": [draws(s) for s in (0, 42, 2**32 - 1)],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
