"""Golden for tests/models/cnn4_golden_test.ts: ten training steps of CNN-4 in PyTorch.

Weights and batches are PyTorch's own, from torch.manual_seed; the test draws the very same numbers
from MT19937, so only losses and samples of the gradients are stored.

    python cnn4_steps.py > cnn4_steps.json      # torch==2.13.0 (CPU)
"""
import json

import torch
from torch import nn

SEED, BATCH, STEPS, SAMPLES = 42, 8, 10, 24


class Block(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return nn.functional.max_pool2d(torch.relu(self.norm(self.conv(x))), 2)


class Cnn4(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [1, 16, 32, 64, 128]
        self.blocks = nn.ModuleList(Block(a, b) for a, b in zip(widths, widths[1:]))
        self.hidden = nn.Linear(128 * 8 * 8, 208)
        self.output = nn.Linear(208, 8)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.output(torch.relu(self.hidden(x.flatten(1))))


torch.manual_seed(SEED)
torch.set_num_threads(1)
model = Cnn4()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=5e-5)
losses, norms, gradients = [], [], {}
for step in range(STEPS):
    images = torch.rand(BATCH, 1, 128, 128) * 2 - 1
    labels = torch.randint(0, 8, (BATCH,))
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(images), labels)
    loss.backward()
    if step == 0:
        for name, p in model.named_parameters():
            g = p.grad.flatten()
            n = g.numel()
            at = [i * (n - 1) // (SAMPLES - 1) for i in range(SAMPLES)] if n > SAMPLES else list(range(n))
            gradients[name] = {"largest": g.abs().max().item(), "at": at, "values": [g[i].item() for i in at]}
    norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item())
    optimizer.step()
    losses.append(loss.item())
running = {name: b[:4].tolist() for name, b in model.named_buffers() if b.dim()}
print(json.dumps({"torch": torch.__version__.split("+")[0], "seed": SEED, "batch": BATCH, "losses": losses,
                  "norms": norms, "running": running, "gradients": gradients}, indent=1))
