"""PyTorch beside `bench/matmul.ts` and `bench/conv.ts`: the same works, on the CPU, as JSON rows.

Needs torch 2.13. Usage: python bench/peers/pytorch.py [THREADS]   (default: 2)
"""

import json
import statistics
import sys
import time

import torch
from torch.nn.functional import conv2d

BUDGET = 1.0  # seconds a row, as bench/measure.ts
BATCH = 64


def median_seconds(run):
    for _ in range(2):
        run()
    samples = []
    while sum(samples) < BUDGET or len(samples) < 5:
        start = time.perf_counter()
        run()
        samples.append(time.perf_counter() - start)
    return statistics.median(samples)


def row(name, size, variant, flops, run):
    seconds = median_seconds(run)
    return {
        "name": name,
        "size": size,
        "device": f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads",
        "variant": variant,
        "seconds": seconds,
        "gflops": flops / seconds / 1e9,
        "error": None,
    }


def matmul_rows():
    shapes = [
        (256, 256, 256, "default"),
        (1024, 1024, 1024, "default"),
        (64, 8192, 208, "default"),
        (64, 208, 8192, "BT"),
        (8192, 64, 208, "AT"),
    ]
    for m, k, n, variant in shapes:
        a = torch.randn(k, m).T if variant == "AT" else torch.randn(m, k)
        b = torch.randn(n, k).T if variant == "BT" else torch.randn(k, n)
        yield row("matmul", f"{m}x{k}x{n}", variant, 2 * m * k * n, lambda: a @ b)


def conv_rows():
    for channels, outputs, size in [(1, 16, 128), (16, 32, 64), (32, 64, 32), (64, 128, 16)]:
        x = torch.randn(BATCH, channels, size, size)
        w = torch.randn(outputs, channels, 3, 3)
        bias = torch.randn(outputs)
        seed = torch.randn(BATCH, outputs, size, size)
        flops = 2 * BATCH * size * size * outputs * channels * 9
        label = f"{BATCH}x{channels}x{size}x{size} to {outputs}"
        with torch.no_grad():
            yield row(
                "conv2d", label, "default", flops, lambda: conv2d(x, w, bias, padding=1)
            )
        leaves = [x, w, bias] if channels > 1 else [w, bias]
        for t in leaves:
            t.requires_grad_()

        def train():
            conv2d(x, w, bias, padding=1).backward(seed)
            for t in leaves:
                t.grad = None

        passes = 3 if channels > 1 else 2
        yield row("conv2d-training", label, "default", passes * flops, train)


torch.manual_seed(1)
torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
print(json.dumps([*matmul_rows(), *conv_rows()], indent=1))
