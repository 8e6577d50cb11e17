"""Writes small.safetensors, read by tests/engine/io/safetensors_test.ts.

Pinned: safetensors 0.8.0, numpy 2.4.6. Run: python safetensors_golden.py
"""

import numpy as np
from safetensors.numpy import save_file

tensors = {
    "conv.weight": (np.arange(12, dtype=np.float32) - 5.5).reshape(2, 2, 3),
    "half": np.array([0.0, -0.0, 1.0, -2.5, 65504.0, 6e-8, 6.1e-5, np.inf, -np.inf], dtype=np.float16),
    "double": np.array([1 / 3, -1e300], dtype=np.float64),
    "steps": np.array(7, dtype=np.int64),
    "indices": np.array([[1, -2], [3, 4]], dtype=np.int32),
    "empty": np.zeros((0, 4), dtype=np.float32),
    "flags": np.array([True, False, True]),
}
save_file(tensors, "small.safetensors", metadata={"labels": '["calm","sad"]', "é": "ü\n"})
