"""PyTorch beside `deno task bench`: the same works, one JSON row a line.

Needs torch 2.13, and for Wav2Vec2 transformers 5.23. Usage: python bench/peers/pytorch.py [THREADS|cuda [GROUP…]]
Default: 2 threads, all groups. `cuda` runs on the GPU, in f32 without TF32, at the sizes that
`deno task bench` gives a GPU. `deno task bench:peers` runs it beside ours.
"""

import json
import math
import sys

import torch
from torch.nn.functional import conv1d, conv2d, gelu, group_norm, scaled_dot_product_attention

sys.dont_write_bytecode = True  # the files beside this one are part of the project's tree
from pytorch_networks import epoch_rows, step_rows, wav2vec2_rows
from pytorch_timing import BATCH, CUDA, normal, row


def matmul_rows():
    shapes = [
        (4096, 4096, 4096, "default") if CUDA else (256, 256, 256, "default"),
        (1024, 1024, 1024, "default"),
        (174, 768, 3072, "default"),
        (64, 8192, 208, "default"),
        (64, 208, 8192, "BT"),
        (8192, 64, 208, "AT"),
    ]
    for m, k, n, variant in shapes:
        a = normal(k, m).T if variant == "AT" else normal(m, k)
        b = normal(n, k).T if variant == "BT" else normal(k, n)
        yield row("matmul", f"{m}x{k}x{n}", variant, 2 * m * k * n, lambda: a @ b)


def conv_rows():
    for channels, outputs, size in [(1, 16, 128), (16, 32, 64), (32, 64, 32), (64, 128, 16)]:
        x = normal(BATCH, channels, size, size)
        w = normal(outputs, channels, 3, 3)
        bias = normal(outputs)
        seed = normal(BATCH, outputs, size, size)
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


def encoder_row():
    layers = [(1, 10, 5)] + [(512, 3, 2)] * 4 + [(512, 2, 2)] * 2
    weights = [normal(512, channels, taps) for channels, taps, _ in layers]
    x, gamma, beta = normal(1, 1, 64_000), normal(512), normal(512)

    def run():
        h = x
        for i, (_, _, stride) in enumerate(layers):
            h = conv1d(h, weights[i], stride=stride)
            if i == 0:
                h = group_norm(h, 512, gamma, beta)
            h = gelu(h)

    with torch.no_grad():
        return row("wav2vec2-encoder", "4 s", "default", None, run)


def conv1d_rows():
    yield encoder_row()
    for batch, times, channels, taps, padding, dilation, groups in [
        (1, 199, 768, 128, 64, 1, 16),
        (32, 250, 128, 5, 2, 1, 1),
        (32, 250, 128, 5, 16, 8, 1),
    ]:
        x = normal(batch, channels, times)
        w = normal(channels, channels // groups, taps)
        bias = normal(channels)
        options = {"padding": padding, "dilation": dilation, "groups": groups}
        seed = torch.randn_like(conv1d(x, w, bias, **options))
        flops = 2 * batch * seed.shape[2] * channels * channels // groups * taps
        label = f"{batch}x{times}x{channels} k{taps} d{dilation} g{groups}"
        with torch.no_grad():
            yield row("conv1d", label, "default", flops, lambda: conv1d(x, w, bias, **options))
        for t in (x, w, bias):
            t.requires_grad_()

        def train():
            conv1d(x, w, bias, **options).backward(seed)
            for t in (x, w, bias):
                t.grad = None

        yield row("conv1d-training", label, "default", 3 * flops, train)


def attention_rows():
    sizes = [(1, 199, 12, 64), (1, 1500, 12, 64)]
    if CUDA:
        sizes = [(16, 199, 12, 64), (4, 1500, 12, 64), (1, 4096, 16, 64)]
    for b, t, h, d, dropout in [*((*size, 0.0) for size in sizes), (*sizes[0], 0.1)]:
        q, k, v, seed = (normal(b, h, t, d) for _ in range(4))
        products = 2 * b * h * t * t * d
        label, variant = f"{b}x{t}x{h}x{d}", f"dropout {dropout}" if dropout else "default"

        def attend():
            return scaled_dot_product_attention(q, k, v, dropout_p=dropout)

        with torch.no_grad():
            yield row("attention", label, variant, 2 * products, attend)
        for x in (q, k, v):
            x.requires_grad_()

        def train():
            attend().backward(seed)
            q.grad = k.grad = v.grad = None

        yield row("attention-training", label, variant, 7 * products, train)


def fft_rows():
    for batch, n in [(11072, 2048), (65536, 512)] if CUDA else [(173, 2048), (4096, 512)]:
        x = normal(batch, n)
        flops = 2.5 * n * math.log2(n) * batch
        yield row("rfft", f"{batch}x{n}", "default", flops, lambda: torch.fft.rfft(x))


torch.manual_seed(1)
torch.set_num_threads(2 if CUDA or len(sys.argv) < 2 else int(sys.argv[1]))
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.backends.cudnn.benchmark = True
GROUPS = {
    "epoch": epoch_rows,  # first: where time is short it is the one that is asked for
    "matmul": matmul_rows,
    "conv2d": conv_rows,
    "conv1d": conv1d_rows,
    "attention": attention_rows,
    "fft": fft_rows,
    "steps": step_rows,
    "wav2vec2": wav2vec2_rows,
}
for group in sys.argv[2:] or GROUPS:
    for line in GROUPS[group]():
        print(json.dumps(line), flush=True)
