"""Golden for tests/engine/nn/sequence_layers_test.ts: convolution, group norm and weight norm over time.

    python sequence.py > sequence.json      # torch==2.13.0 (CPU)

Sequences are written with channels last, [B, T, C]; weights as PyTorch has them.
"""
import json

import torch
from torch import nn

torch.manual_seed(5)
rounded = lambda t: [float(f"{v:.7g}") for v in t.detach().flatten().tolist()]
last = lambda t: t.transpose(1, 2).contiguous()
cases = []


def case(layer, module, x, **attrs):
    with torch.no_grad():
        for p in module.parameters():
            p.add_(torch.randn_like(p) * 0.1)
    x = x.clone().requires_grad_()
    y = last(module(last(x)))
    w = torch.arange(y.numel(), dtype=torch.float32).reshape(y.shape) % 7 - 2.5
    (y * w).sum().backward()
    cases.append({
        "layer": layer, **attrs, "shape": list(x.shape), "x": rounded(x),
        "state": {n: {"shape": list(p.shape), "data": rounded(p)} for n, p in module.named_parameters()},
        "y_shape": list(y.shape), "y": rounded(y), "w": rounded(w), "dx": rounded(x.grad),
        "grads": {n: rounded(p.grad) for n, p in module.named_parameters()},
    })


def conv(b, t, channels, kernel, bias=True, **options):
    padding = options.get("padding", 0)
    case("Conv1d", nn.Conv1d(*channels, kernel, bias=bias, **options), torch.randn(b, t, channels[0]),
         channels=channels, kernel=kernel, options={**options, "padding": padding, "bias": bias})


conv(1, 43, [1, 8], 10, bias=False, stride=5)
conv(2, 15, [4, 6], 3, stride=2)
conv(2, 14, [6, 6], 5, padding=8, dilation=4)
conv(1, 12, [8, 8], 4, padding=2, groups=4)
conv(2, 17, [4, 6], 3, stride=3, padding=2, dilation=2, groups=2)
for groups in [1, 2, 6]:
    case("GroupNorm", nn.GroupNorm(groups, 6), torch.randn(2, 9, 6) * 2 + 3, channels=6,
         options={"groups": groups})
for dim in [0, 2]:
    module = torch.nn.utils.weight_norm(nn.Conv1d(8, 8, 6, padding=3, groups=2), dim=dim)
    case("WeightNormConv1d", module, torch.randn(1, 13, 8), channels=[8, 8], kernel=6,
         options={"padding": 3, "groups": 2, "dim": dim})
print(json.dumps(cases))
