"""Golden for tests/models/*_golden_test.ts: training steps of the paper's CNNs in PyTorch, and
answers of its CNN + MLP, and the layer-wise pretraining of CNN-3.

Weights and batches are PyTorch's own, from torch.manual_seed; the test draws the very same numbers
from MT19937, so only losses and samples of the gradients are stored. CNN-5 is trained without its
dropout, whose draws no other program repeats.

    python cnn_steps.py > cnn_steps.json      # torch==2.13.0 (CPU)
"""
import json

import torch
from torch import nn

SEED, SAMPLES = 42, 24


class Block(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return nn.functional.max_pool2d(torch.relu(self.norm(self.conv(x))), 2)


class Cnn(nn.Module):
    def __init__(self, maps, hidden, side):
        super().__init__()
        self.blocks = nn.ModuleList(Block(a, b) for a, b in zip([1] + maps, maps))
        widths = [maps[-1] * side * side] + hidden
        layers = [nn.Linear(a, b) for a, b in zip(widths, hidden)]
        # One hidden layer is called `hidden`, several are `hidden.0` and on.
        self.hidden = layers[0] if len(layers) == 1 else nn.ModuleList(layers)
        self.output = nn.Linear(hidden[-1], 8)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        x = x.flatten(1)
        for layer in self.hidden if isinstance(self.hidden, nn.ModuleList) else [self.hidden]:
            x = torch.relu(layer(x))
        return self.output(x)


def train(maps, hidden, side, batch, steps):
    torch.manual_seed(SEED)
    model = Cnn(maps, hidden, side)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=5e-5)
    losses, norms, gradients = [], [], {}
    for step in range(steps):
        images = torch.rand(batch, 1, 128, 128) * 2 - 1
        labels = torch.randint(0, 8, (batch,))
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        if step == 0:
            for name, p in model.named_parameters():
                g = p.grad.flatten()
                n = g.numel()
                at = [i * (n - 1) // (SAMPLES - 1) for i in range(SAMPLES)] if n > SAMPLES else list(range(n))
                gradients[name] = {"largest": g.abs().max().item(), "at": at, "values": [g[i].item() for i in at]}
        # In float64: PyTorch's own float32 norm of CNN-5's 7.9 million values is off by 1e-4.
        norms.append(torch.cat([p.grad.double().flatten() for p in model.parameters()]).norm().item())
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "batch": batch, "losses": losses, "norms": norms, "gradients": gradients,
    }


class CnnMlp(nn.Module):
    """In evaluation alone, so without dropout; inputs are 40 cepstra and `scalars` others."""

    def __init__(self, scalars):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 64, 3, padding=1), nn.Conv2d(64, 128, 3, padding=1)
        self.scalar1, self.scalar2 = nn.Linear(scalars, 128), nn.Linear(128, 64)
        self.combined1, self.combined2 = nn.Linear(128 * 20 + 64, 128), nn.Linear(128, 64)
        self.output = nn.Linear(64, 8)
        self.norms = nn.ModuleList([nn.BatchNorm2d(64), nn.BatchNorm2d(128), nn.BatchNorm1d(128), nn.BatchNorm1d(64)])

    def forward(self, cepstra, scalars):
        n1, n2, n3, n4 = self.norms
        x = torch.relu(n1(self.conv1(cepstra[:, None, :, None])))
        x = torch.relu(n2(self.conv2(nn.functional.max_pool2d(x, (2, 1)))))
        s = torch.relu(n4(self.scalar2(torch.relu(n3(self.scalar1(scalars))))))
        x = torch.cat([x.flatten(1), s], 1)
        return self.output(torch.relu(self.combined2(torch.relu(self.combined1(x)))))


def answer(scalars, batch):
    torch.manual_seed(SEED)
    model = CnnMlp(scalars).eval()
    cepstra, others = torch.rand(batch, 40), torch.rand(batch, scalars)
    with torch.no_grad():
        logits = model(cepstra, others)
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "scalars": scalars, "batch": batch, "logits": logits.flatten().tolist(),
    }


def pretrain(maps, side, batch, epochs):
    torch.manual_seed(SEED)
    blocks = [Block(a, b) for a, b in zip([1] + maps, maps)]
    decoders = [
        nn.ConvTranspose2d(b, a, 3, stride=2, padding=1, output_padding=1) for a, b in zip([1] + maps, maps)
    ]
    x = torch.rand(batch, 1, side, side) * 2 - 1
    losses = []
    for block, decoder in zip(blocks, decoders):
        optimizer = torch.optim.Adam([*block.parameters(), *decoder.parameters()], lr=1e-3)
        block.train()
        losses.append([])
        for _ in range(epochs):
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(decoder(block(x)), x)
            loss.backward()
            optimizer.step()
            losses[-1].append(loss.item())
        block.eval()
        with torch.no_grad():
            x = block(x)
    return {"side": side, "batch": batch, "losses": losses}


torch.set_num_threads(1)
print(json.dumps({
    "torch": torch.__version__.split("+")[0],
    "seed": SEED,
    "cnn3": train([16, 32, 64], [72], 16, batch=4, steps=3),
    "cnn4": train([16, 32, 64, 128], [208], 8, batch=8, steps=10),
    "cnn5": train([32, 64, 128, 256, 512], [960, 256], 4, batch=2, steps=2),
    "pretraining": pretrain([16, 32, 64], side=32, batch=6, epochs=4),
    "cnnMlp": answer(scalars=49, batch=5),
}))
