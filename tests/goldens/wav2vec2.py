"""Golden for tests/models/wav2vec2: small random Wav2Vec2 networks in transformers.

Writes, into wav2vec2/, a checkpoint folder for each layout and the numbers that transformers get from it:
every hidden state and the logits of clips alone and of a padded batch with its mask, the gradients of all
parameters in a fine-tuning step, and the losses of ten steps of AdamW. Dropout and masking are off, for
their draws are no other program's. Norms begin away from 1 and 0, so that mixing them up shows.

    python wav2vec2.py        # torch==2.13.0 (CPU), transformers==5.23.0, safetensors==0.8.0
"""
import json
import pathlib
import re

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2ForSequenceClassification

HERE = pathlib.Path(__file__).parent / "wav2vec2"
LENGTHS = [3000, 1731, 2250]
LABELS = ["angry", "calm", "sad"]
SAMPLES, STEPS = 16, 10

SIZES = dict(
    hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=48,
    conv_dim=[16, 16, 16, 16], conv_kernel=[10, 3, 3, 2], conv_stride=[5, 2, 2, 2],
    num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=4, classifier_proj_size=24,
    hidden_dropout=0.0, activation_dropout=0.0, attention_dropout=0.0, feat_proj_dropout=0.0,
    final_dropout=0.0, layerdrop=0.0, apply_spec_augment=False, initializer_range=0.15,
    id2label=dict(enumerate(LABELS)), label2id={label: i for i, label in enumerate(LABELS)},
)
# Name, layout, whether the preprocessor asks for a mask, form of the file, spelling of weight norm.
CASES = [
    ("group", dict(feat_extract_norm="group", do_stable_layer_norm=False, conv_bias=False), False, "bin", "old"),
    ("layer", dict(feat_extract_norm="layer", do_stable_layer_norm=True, conv_bias=True), True, "safetensors", "new"),
    ("mixture", dict(feat_extract_norm="layer", do_stable_layer_norm=False, conv_bias=True,
                     use_weighted_layer_sum=True, num_hidden_layers=2), True, "safetensors", "old"),
]


def clips():
    """Clips of mean away from 0, as the preprocessor gets them."""
    rng = np.random.default_rng(5)
    return [(0.1 * rng.standard_normal(n) + 0.02).astype(np.float32) for n in LENGTHS]


def sample(values):
    """Some values of a tensor, and where they stand."""
    flat = values.detach().reshape(-1).double()
    at = sorted(set(np.linspace(0, len(flat) - 1, min(SAMPLES, len(flat))).astype(int).tolist()))
    return {"shape": list(values.shape), "largest": flat.abs().max().item(), "at": at,
            "values": [flat[i].item() for i in at]}


def old_spelling(name):
    name = name.replace(".parametrizations.weight.original0", ".weight_g")
    return name.replace(".parametrizations.weight.original1", ".weight_v")


def write(folder, model, extractor, form, spelling):
    folder.mkdir(parents=True, exist_ok=True)
    config = {k: v for k, v in json.loads(model.config.to_json_string(use_diff=True)).items()}
    config["architectures"] = ["Wav2Vec2ForSequenceClassification"]
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    (folder / "preprocessor_config.json").write_text(json.dumps(extractor.to_dict(), indent=1) + "\n")
    state = {name: t.detach().clone().contiguous() for name, t in model.state_dict().items()}
    if spelling == "old":
        state = {old_spelling(name): t for name, t in state.items()}
    if form == "bin":
        torch.save(state, folder / "pytorch_model.bin")
    else:
        save_file(state, folder / "model.safetensors", metadata={"format": "pt"})


def hidden_of(outputs):
    return [sample(h) for h in outputs.hidden_states]


def run(name, layout, mask, form, spelling):
    torch.manual_seed(7)
    model = Wav2Vec2ForSequenceClassification(Wav2Vec2Config(**{**SIZES, **layout}))
    for name_, p in model.named_parameters():
        if re.search(r"norm\.(weight|bias)|bias$|layer_weights", name_):
            with torch.no_grad():
                p.add_(0.2 * torch.randn_like(p))
    extractor = Wav2Vec2FeatureExtractor(do_normalize=True, return_attention_mask=mask)
    write(HERE / name, model, extractor, form, spelling)
    model.eval()
    alone = []
    for clip in clips():
        x = extractor(clip, sampling_rate=16000, return_tensors="pt")
        with torch.no_grad():
            out = model(x.input_values, output_hidden_states=True)
        alone.append({"hidden": hidden_of(out), "logits": out.logits[0].tolist()})
    result = {"lengths": LENGTHS, "alone": alone}
    if mask:
        x = extractor(clips(), sampling_rate=16000, padding=True, return_tensors="pt")
        with torch.no_grad():
            out = model(**x, output_hidden_states=True)
        frames = model.wav2vec2._get_feat_extract_output_lengths(x.attention_mask.sum(-1)).tolist()
        result["batch"] = {
            "frames": frames, "logits": out.logits.tolist(),
            "hidden": [[sample(h[b, :n]) for h in out.hidden_states] for b, n in enumerate(frames)],
        }
    # Fine-tuning: a batch of clips of one length where there is no mask, else the padded batch.
    model.train()
    if mask:
        inputs = dict(extractor(clips(), sampling_rate=16000, padding=True, return_tensors="pt"))
    else:
        equal = [clip[: min(LENGTHS)] for clip in clips()]
        inputs = dict(extractor(equal, sampling_rate=16000, return_tensors="pt"))
    labels = torch.tensor([2, 0, 1])
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
    losses, gradients = [], {}
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(**inputs).logits, labels, label_smoothing=0.1)
        loss.backward()
        if step == 0:
            gradients = {
                old_spelling(n): sample(p.grad) for n, p in model.named_parameters() if p.grad is not None
            }
        optimizer.step()
        losses.append(loss.item())
    result["training"] = {"losses": losses, "gradients": gradients}
    (HERE / f"{name}.json").write_text(json.dumps(result) + "\n")


rng_clips = clips()
HERE.mkdir(exist_ok=True)
np.concatenate(rng_clips).astype("<f4").tofile(HERE / "clips.bin")
for case in CASES:
    run(*case)
