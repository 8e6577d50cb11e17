"""Checkpoints in every form that is read, a few kB each, with what they hold.

torch/         files of torch.save; expected.json has the values
sharded/       safetensors in two files under an index
post_norm/     a Wav2Vec2 that transformers wrote: safetensors, new spelling of weight norm
pre_norm/      another, as pytorch_model.bin, old spelling of weight norm

Run with torch 2.13.0, transformers 5.23.0 and safetensors 0.8.0: python tests/goldens/checkpoints.py
"""

import json
import os
from collections import OrderedDict

import torch
from safetensors.torch import save_file
from transformers import (
    Wav2Vec2Config,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForSequenceClassification,
    Wav2Vec2Model,
)

HERE = os.path.join(os.path.dirname(__file__), "checkpoints")


def path(*names):
    whole = os.path.join(HERE, *names)
    os.makedirs(os.path.dirname(whole), exist_ok=True)
    return whole


def write_json(whole, value):
    with open(whole, "w") as file:
        json.dump(value, file, indent=1)
        file.write("\n")


def values(tensor):
    return [float(x) for x in tensor.detach().flatten()]


def torch_files():
    base = torch.arange(24, dtype=torch.float32) / 8 - 1
    state = OrderedDict(
        plain=base.reshape(2, 3, 4).clone(),
        half=torch.tensor([0.0, -0.0, 1.5, -65504.0, 2.0**-24]).half(),
        bfloat=torch.tensor([[1.0, -2.5], [3.0e38, 1e-40]]).bfloat16(),
        double=torch.tensor([1 / 3, -1e-300], dtype=torch.float64),
        whole=torch.tensor([1, -2, 3]),
        transposed=base.reshape(4, 6).t(),
        view=base[5:11].reshape(2, 3),
        stepped=base[1::4],
        parameter=torch.nn.Parameter(torch.tensor([7.0, 8.0])),
        scalar=torch.tensor(4.25),
        empty=torch.zeros(0, 3),
    )
    state._metadata = OrderedDict({"": {"version": 1}})
    torch.save(state, path("torch", "forms.bin"))
    torch.save(state, path("torch", "plain_pickle.bin"), _use_new_zipfile_serialization=False)
    torch.serialization.set_crc32_options(False)
    torch.save({"w": torch.tensor([1.0, 2.0])}, path("torch", "no_checksums.bin"))
    torch.serialization.set_crc32_options(True)
    torch.save({"w": torch.tensor([1.0]), "epoch": 3}, path("torch", "training.bin"))
    torch.save({"w": torch.tensor([1 + 2j])}, path("torch", "complex.bin"))
    torch.save({"w": torch.tensor([1.0]).expand(1000)}, path("torch", "expanded.bin"))
    write_json(
        path("torch", "expected.json"),
        {
            name: {"shape": list(t.shape), "values": values(t)}
            for name, t in state.items()
            if name != "whole"
        },
    )


def sharded():
    first = {"a": torch.tensor([[1.0, 2.0], [3.0, 4.0]]).bfloat16(), "b": torch.tensor([0.5]).half()}
    second = {"c": torch.tensor([-1.0, 1e-3])}
    names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    for name, tensors in zip(names, (first, second)):
        save_file(tensors, path("sharded", name), metadata={"format": "pt"})
    where = {t: name for name, tensors in zip(names, (first, second)) for t in tensors}
    write_json(
        path("sharded", "model.safetensors.index.json"),
        {"metadata": {"total_size": 18}, "weight_map": where},
    )


SMALL = dict(
    hidden_size=8,
    num_hidden_layers=1,
    num_attention_heads=2,
    intermediate_size=12,
    conv_dim=[4, 4],
    conv_kernel=[10, 3],
    conv_stride=[5, 2],
    num_conv_pos_embeddings=4,
    num_conv_pos_embedding_groups=2,
    classifier_proj_size=6,
)
EMOTIONS = ["angry", "calm", "sad"]


def wav2vec2():
    torch.manual_seed(1)
    labels = dict(
        id2label=dict(enumerate(EMOTIONS)), label2id={e: i for i, e in enumerate(EMOTIONS)}
    )
    post = Wav2Vec2ForSequenceClassification(Wav2Vec2Config(**SMALL, **labels))
    post.save_pretrained(path("post_norm", ""))
    Wav2Vec2FeatureExtractor().save_pretrained(path("post_norm", ""))

    pre = Wav2Vec2Model(
        Wav2Vec2Config(**SMALL, feat_extract_norm="layer", do_stable_layer_norm=True, conv_bias=True)
    )
    pre.config.save_pretrained(path("pre_norm", ""))
    Wav2Vec2FeatureExtractor(return_attention_mask=True).save_pretrained(path("pre_norm", ""))
    old = {".parametrizations.weight.original0": ".weight_g", ".parametrizations.weight.original1": ".weight_v"}
    state = OrderedDict()
    for name, tensor in pre.state_dict().items():
        for new, spelling in old.items():
            name = name.replace(new, spelling)
        state[f"wav2vec2.{name}"] = tensor
    # What a pretraining checkpoint and one with another head hold beside the backbone.
    for name in ("quantizer.codevectors", "quantizer.weight_proj.weight", "project_q.bias"):
        state[name] = torch.zeros(2)
    for name in ("classifier.dense.weight", "classifier.dense.bias", "classifier.output.bias"):
        state[name] = torch.zeros(3)
    torch.save(state, path("pre_norm", "pytorch_model.bin"))
    write_json(
        path("tensors.json"),
        {
            "post_norm": {name: [list(t.shape), float(t.sum())] for name, t in post.state_dict().items()},
            "pre_norm": {
                name: [list(t.shape), float(t.sum())] for name, t in pre.state_dict().items()
            },
        },
    )


torch_files()
sharded()
wav2vec2()
