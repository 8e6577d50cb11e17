"""Golden for tests/engine/ops/attention_test.ts: PyTorch's own attention, with its gradients.

    python attention.py > attention.json      # torch==2.13.0 (CPU)

Tensors are [B, T, heads * D], as the engine has them; keys past a clip's length are masked out.
"""
import json

import torch
from torch.nn.functional import scaled_dot_product_attention

assert torch.__version__.startswith("2.13.0"), torch.__version__
torch.manual_seed(5)
rounded = lambda t: [float(f"{v:.9g}") for v in t.detach().flatten().tolist()]
cases = []
for B, T, heads, D, lengths, scale in [
    (2, 11, 3, 4, [11, 6], None),
    (1, 19, 2, 8, None, 0.5),
    (2, 5, 1, 20, [1, 4], None),
]:
    q, k, v, g = [torch.randn(B, T, heads * D) for _ in range(4)]
    for t in (q, k, v):
        t.requires_grad_()
    split = lambda t: t.view(B, T, heads, D).transpose(1, 2)
    mask = None
    if lengths:
        mask = (torch.arange(T)[None] < torch.tensor(lengths)[:, None])[:, None, None]
    y = scaled_dot_product_attention(split(q), split(k), split(v), attn_mask=mask, scale=scale)
    y = y.transpose(1, 2).reshape(B, T, heads * D)
    y.backward(g)
    cases.append({
        "shape": [B, T, heads * D], "heads": heads, "lengths": lengths, "scale": scale,
        "q": rounded(q), "k": rounded(k), "v": rounded(v), "g": rounded(g), "y": rounded(y),
        "dq": rounded(q.grad), "dk": rounded(k.grad), "dv": rounded(v.grad),
    })
print(json.dumps(cases))
