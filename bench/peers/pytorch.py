"""PyTorch beside `deno task bench`: the same works, one JSON row a line.

Needs torch 2.13, and for Wav2Vec2 transformers 5.23. Usage: python bench/peers/pytorch.py [THREADS|cuda [GROUP…]]
Default: 2 threads, all groups. `cuda` runs on the GPU, in f32 without TF32, at the sizes that
`deno task bench` gives a GPU. `deno task bench:peers` runs it beside ours.
"""

import json
import math
import statistics
import sys
import time

import torch
from torch.nn.functional import conv1d, conv2d, gelu, group_norm, scaled_dot_product_attention

BUDGET = 1.0  # seconds a row, as bench/measure.ts
BATCH = 64


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
    sizes = [(16, 199, 12, 64), (4, 1500, 12, 64), (1, 4096, 16, 64)]
    works = [(*size, 0.0) for size in sizes]
    if not CUDA:
        works = [(1, 199, 12, 64, 0.0), (1, 1500, 12, 64, 0.0), (1, 199, 12, 64, 0.1)]
    for b, t, h, d, dropout in works:
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




class Cnn(torch.nn.Module):
    """The paper's CNN-3/4/5, layer for layer as models/cnn3.ts, cnn4.ts and cnn5.ts."""

    def __init__(self, widths, hidden, dropout):
        super().__init__()
        nn = torch.nn
        layers = []
        for inputs, outputs in zip([1, *widths], widths):
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2)]
        layers.append(nn.Flatten())
        features = widths[-1] * (128 >> len(widths)) ** 2
        for width in hidden:
            layers += [nn.Linear(features, width), nn.ReLU()]
            if dropout:
                layers.append(nn.Dropout(dropout))
            features = width
        self.layers = nn.Sequential(*layers, nn.Linear(features, 8))

    def forward(self, x):
        return self.layers(x)


NETWORKS = {
    "cnn3": ([16, 32, 64], [72], 0),
    "cnn4": ([16, 32, 64, 128], [208], 0),
    "cnn5": ([32, 64, 128, 256, 512], [960, 256], 0.2),
}


def step_rows():
    for name, shape in NETWORKS.items():
        model = Cnn(*shape).to(DEVICE)
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=5e-5)
        images, labels = normal(BATCH, 1, 128, 128), torch.arange(BATCH, device=DEVICE) % 8

        def train():
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(images), labels).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()

        yield row(f"train-step {name}", f"batch {BATCH}", "default", None, train)
        model.eval()
        with torch.no_grad():
            yield row(f"evaluate {name}", f"batch {BATCH}", "default", None, lambda: model(images))


def wav2vec2_rows():
    """Transformers' networks at the sizes of bench/fine_tuned.ts, of random weights, on clips of 4 seconds."""
    try:
        from transformers import Wav2Vec2Config, Wav2Vec2ForSequenceClassification
    except ImportError:
        print("pytorch: transformers are not installed; wav2vec2 is left out", file=sys.stderr)
        return
    nn = torch.nn
    tuned = 8  # clips a step
    sizes = {
        "base": dict(layerdrop=0.0),
        "large": dict(
            layerdrop=0.0, hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096,
            feat_extract_norm="layer", do_stable_layer_norm=True, conv_bias=True,
        ),
    }
    for name, fields in sizes.items():
        model = Wav2Vec2ForSequenceClassification(Wav2Vec2Config(num_labels=8, **fields)).to(DEVICE).eval()
        batch = tuned if CUDA else 1
        samples = normal(batch, 64_000)
        with torch.no_grad():
            yield row(f"evaluate wav2vec2-{name}", f"batch {batch}", "default", None, lambda: model(samples))
        if name != "base":
            continue
        # What the paper trains: the last two layers and the head, on what the frozen ones gave.
        layers = model.wav2vec2.encoder.layers[-2:].train()
        head = nn.Sequential(nn.Dropout(0.1), nn.Linear(768, 256), nn.ReLU(), nn.Dropout(0.2), nn.Linear(256, 8))
        head.to(DEVICE)
        optimizer = torch.optim.AdamW([*layers.parameters(), *head.parameters()], lr=1e-4, weight_decay=0.01)
        frames, labels = normal(tuned, 199, 768), torch.arange(tuned, device=DEVICE) % 8

        def train():
            optimizer.zero_grad()
            x = frames
            for layer in layers:
                x = layer(x)
            torch.nn.functional.cross_entropy(head(x.mean(1)), labels, label_smoothing=0.1).backward()
            optimizer.step()

        yield row(f"train-step wav2vec2-{name}", f"batch {tuned}", "default", None, train)


torch.manual_seed(1)
torch.set_num_threads(2 if CUDA or len(sys.argv) < 2 else int(sys.argv[1]))
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.backends.cudnn.benchmark = True
GROUPS = {
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
