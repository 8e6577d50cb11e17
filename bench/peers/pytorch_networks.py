"""Whole networks in PyTorch: the paper's CNNs and Wav2Vec2, their steps, and an epoch of CNN-4."""

import sys

import torch
from pytorch_timing import BATCH, CUDA, DEVICE, normal, row

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


CLIPS, VALIDATION = 1008, 216  # as bench/epoch.ts


def epoch_rows():
    """An epoch of CNN-4 as engine/train/trainer.ts has it: shuffled batches, steps, validation, weights kept."""
    cross_entropy = torch.nn.functional.cross_entropy
    model = Cnn(*NETWORKS["cnn4"]).to(DEVICE)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=5e-5)
    images, labels = normal(CLIPS, 1, 128, 128), torch.arange(CLIPS, device=DEVICE) % 8
    kept = [t.clone() for t in model.state_dict().values()]

    def epoch():
        model.train()
        told = []
        for rows in torch.randperm(CLIPS).to(DEVICE).split(BATCH):
            optimizer.zero_grad()
            logits = model(images[rows])
            loss = cross_entropy(logits, labels[rows])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            told.append(torch.stack([loss.detach(), (logits.argmax(1) == labels[rows]).float().sum()]))
        torch.stack(told).cpu()  # read once an epoch, as ours
        model.eval()
        with torch.no_grad():
            logits = torch.cat([model(x) for x in images[:VALIDATION].split(BATCH)])
            cross_entropy(logits, labels[:VALIDATION]).item()
            for best, t in zip(kept, model.state_dict().values()):
                best.copy_(t)

    yield row("epoch cnn4", f"{CLIPS} clips, batch {BATCH}", "default", None, epoch)


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

        yield row(f"train-step wav2vec2-{name}", f"batch {tuned}", "last:2", None, train)
