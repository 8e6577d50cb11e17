"""Golden for tests/engine/ops/pytorch_test.ts: what PyTorch makes of losses, norms and reductions.

    python ops.py > ops.json      # torch==2.13.0 (CPU)
"""
import json

import torch
from torch.nn import functional as F

torch.manual_seed(3)
rounded = lambda t: [float(f"{v:.9g}") for v in t.detach().flatten().tolist()]
cases = []


def case(op, x, run, **attrs):
    x = x.clone().requires_grad_()
    y = run(x)
    w = torch.arange(y.numel(), dtype=torch.float32).reshape(y.shape) % 5 - 1.5
    (y * w).sum().backward()
    cases.append({
        "op": op, "shape": list(x.shape), "x": rounded(x), **attrs,
        "y": rounded(y), "w": rounded(w), "dx": rounded(x.grad),
    })


logits, labels = torch.randn(6, 8) * 3, torch.randint(0, 8, (6,))
for smoothing in [0.0, 0.1, 1.0]:
    case("crossEntropy", logits, lambda x: F.cross_entropy(x, labels, label_smoothing=smoothing),
         labels=labels.tolist(), smoothing=smoothing)
case("softmax", torch.randn(3, 5, 4), lambda x: F.softmax(x, 1), axis=1)
case("logSoftmax", torch.randn(3, 5, 4), lambda x: F.log_softmax(x, 1), axis=1)
case("max", torch.randint(0, 3, (4, 7)).float(), lambda x: x.amax(1), axis=1)
for correction in [0, 1]:
    case("variance", torch.randn(4, 9) + 20, lambda x: x.var(1, correction=correction),
         axis=1, correction=correction)
gamma, beta = torch.randn(12), torch.randn(12)
case("layerNorm", torch.randn(5, 12) * 2 + 1, lambda x: F.layer_norm(x, [12], gamma, beta, 1e-5),
     gamma=rounded(gamma), beta=rounded(beta))
case("mse", torch.randn(3, 4), lambda x: F.mse_loss(x, torch.full((3, 4), 0.25)))
print(json.dumps(cases))
