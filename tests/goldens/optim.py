"""Optimiser steps, clipping and scheduler decisions of PyTorch 2.13.0 (CPU), a schedule
of transformers 5.23.0: writes optim.json.

Parameter p of shape s starts at sin(1 + p + 0.7 i); its gradient at step t is
(1 + t) cos(0.3 i + p + t), where i counts elements. Run: python tests/goldens/optim.py
"""

import json
import math
from pathlib import Path

import torch
from transformers import get_linear_schedule_with_warmup

SHAPES = [[5], [3, 4], [1]]
STEPS = 6


def values(shape, f):
    n = math.prod(shape)
    return torch.tensor([f(i) for i in range(n)], dtype=torch.float32).reshape(shape)


CASES = [
    ("Sgd", torch.optim.SGD, dict(learningRate=0.1), None),
    ("Sgd", torch.optim.SGD, dict(learningRate=0.05, momentum=0.9, weightDecay=0.1), None),
    ("Sgd", torch.optim.SGD, dict(learningRate=0.05, momentum=0.8, dampening=0.3), 1.5),
    ("Sgd", torch.optim.SGD, dict(learningRate=0.02, momentum=0.9, nesterov=True, weightDecay=0.01), 2.0),
    ("Adam", torch.optim.Adam, dict(learningRate=0.01), None),
    ("Adam", torch.optim.Adam, dict(learningRate=0.01, weightDecay=0.2), 1.0),
    ("Adam", torch.optim.Adam, dict(learningRate=0.03, betas=[0.8, 0.95], eps=1e-3), 100.0),
    ("AdamW", torch.optim.AdamW, dict(learningRate=0.01), None),
    ("AdamW", torch.optim.AdamW, dict(learningRate=0.02, weightDecay=0.3), 1.0),
    ("Adam", torch.optim.Adam, dict(learningRate=0.02, weightDecay=0.1, factors=dict(p0=0.25, p2=3)), None),
    ("AdamW", torch.optim.AdamW, dict(learningRate=0.02, weightDecay=0.3, factors=dict(p1=0.5)), 1.0),
]

NAMES = dict(learningRate="lr", weightDecay="weight_decay")


def run(optimizer, options, clip):
    params = [torch.nn.Parameter(values(s, lambda i: math.sin(1 + p + 0.7 * i))) for p, s in enumerate(SHAPES)]
    factors = options.get("factors", {})
    groups = [dict(params=[w], lr=options["learningRate"] * factors.get(f"p{p}", 1)) for p, w in enumerate(params)]
    made = optimizer(groups, **{NAMES.get(k, k): v for k, v in options.items() if k != "factors"})
    norms = []
    for t in range(STEPS):
        for p, w in enumerate(params):
            w.grad = values(SHAPES[p], lambda i: (1 + t) * math.cos(0.3 * i + p + t))
        if clip is not None:
            norms.append(float(torch.nn.utils.clip_grad_norm_(params, clip)))
        made.step()
    return [w.detach().flatten().tolist() for w in params], norms


def plateau(options, losses):
    weight = torch.nn.Parameter(torch.zeros(1))
    target = torch.optim.SGD([weight], lr=1.0)
    names = dict(minLearningRate="min_lr")
    made = torch.optim.lr_scheduler.ReduceLROnPlateau(target, **{names.get(k, k): v for k, v in options.items()})
    rates = []
    for loss in losses:
        made.step(math.nan if loss is None else loss)
        rates.append(target.param_groups[0]["lr"])
    return rates


LOSSES = [3, 2.5, 2.49999, 2.6, 2.4, 2.4, 2.41, 2.39999, 2.5, 2.3, 2.31, None, 2.32, 2.33, 2.3, 2.3, 2.2999, 2.4, 2.1, 2.2,
          2.2, 2.2, 2.2, 2.2, 2.2, 2.2, 2.2, 2.2, 2.2, 2.2]

PLATEAUS = [
    dict(factor=0.5, patience=3),
    dict(factor=0.1, patience=0),
    dict(factor=0.5, patience=1, cooldown=2),
    dict(factor=0.3, patience=1, minLearningRate=0.05),
    dict(patience=2, threshold=0.05, eps=0.02),
]



def schedule(make, steps):
    """Learning rates before every step of a schedule, the one after the last included."""
    target = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    made = make(target)
    rates = [target.param_groups[0]["lr"]]
    for _ in range(steps):
        target.step()
        made.step()
        rates.append(target.param_groups[0]["lr"])
    return rates


def one_cycle(options):
    names = dict(maxLearningRate="max_lr", totalSteps="total_steps", warmup="pct_start", divisor="div_factor",
                 finalDivisor="final_div_factor")
    kwargs = {names[k]: v for k, v in options.items()}
    make = lambda target: torch.optim.lr_scheduler.OneCycleLR(target, cycle_momentum=False, **kwargs)
    return schedule(make, options["totalSteps"] - 1)


def warmup_linear(options):
    make = lambda target: get_linear_schedule_with_warmup(target, options["warmupSteps"], options["totalSteps"])
    return schedule(make, options["totalSteps"] + 2)


ONE_CYCLES = [
    dict(maxLearningRate=2e-3, totalSteps=20),
    dict(maxLearningRate=1.0, totalSteps=7, warmup=0.5, divisor=10, finalDivisor=100),
    dict(maxLearningRate=0.3, totalSteps=2),
    dict(maxLearningRate=0.1, totalSteps=33, warmup=0.05),
]
WARMUPS = [dict(warmupSteps=3, totalSteps=10), dict(warmupSteps=0, totalSteps=4), dict(warmupSteps=5, totalSteps=5)]

golden = {
    "shapes": SHAPES,
    "steps": STEPS,
    "optimizers": [],
    "losses": LOSSES,
    "oneCycles": [dict(options=o, rates=one_cycle(o)) for o in ONE_CYCLES],
    "warmups": [dict(options=o, rates=warmup_linear(o)) for o in WARMUPS],
    "plateaus": [dict(options=o, rates=plateau(o, LOSSES)) for o in PLATEAUS],
}
for name, optimizer, options, clip in CASES:
    weights, norms = run(optimizer, options, clip)
    golden["optimizers"].append(dict(name=name, options=options, clip=clip, weights=weights, norms=norms))

assert torch.__version__.startswith("2.13.0"), torch.__version__
Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
