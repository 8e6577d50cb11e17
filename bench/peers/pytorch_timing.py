"""How PyTorch's works are timed: where they run, the clock, and a row as JSON has it."""

import statistics
import sys
import time

import torch

BUDGET = 1.0  # seconds a row, as bench/measure.ts
BATCH = 64  # images of a step, as the recipes have it
CUDA = sys.argv[1:2] == ["cuda"]
DEVICE = "cuda" if CUDA else "cpu"


def median_seconds(run):
    for _ in range(2):
        run()
    samples = []
    while sum(samples) < BUDGET or len(samples) < 5:
        if CUDA:
            # The GPU's own time, as our timestamps tell it.
            start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            start.record()
            run()
            end.record()
            torch.cuda.synchronize()
            samples.append(start.elapsed_time(end) / 1000)
        else:
            start = time.perf_counter()
            run()
            samples.append(time.perf_counter() - start)
        if len(samples) >= 500:
            break
    return statistics.median(samples)


def normal(*shape):
    return torch.randn(*shape, device=DEVICE)


def row(name, size, variant, flops, run):
    seconds = median_seconds(run)
    return {
        "name": name,
        "size": size,
        "device": f"PyTorch {torch.__version__}, "
        + (torch.cuda.get_device_name() if CUDA else f"{torch.get_num_threads()} threads"),
        "variant": variant,
        "seconds": seconds,
        **({"gflops": flops / seconds / 1e9} if flops else {}),
        "error": None,
    }
