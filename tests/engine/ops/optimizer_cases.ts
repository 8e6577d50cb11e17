/** Optimiser steps and the clip factor: vectors' rests, several workgroups, every flag. */
import * as T from "../../../engine/mod.ts";
import { adamStep, gradNormScale, sgdStep } from "../../../engine/ops/optimizer.ts";
import { nd, type OpCase } from "./harness.ts";

const state = (n: number) => [
  { shape: [n] },
  { shape: [n] },
  { shape: [1], values: () => 0.7 },
  { shape: [n] },
  { shape: [n], values: (i: number) => 0.01 + (i % 7) * 0.3 },
];

function sgd(n: number, momentum: number, nesterov: boolean, which: number): OpCase {
  const attrs = { rate: 0.1, decay: 0.05, momentum, weight: 0.8, nesterov };
  return {
    covers: ["sgd"],
    name: `sgd, momentum ${momentum}, nesterov ${nesterov}, on ${n}: tensor ${which}`,
    inputs: state(n).slice(0, 4),
    run: (t) => {
      const [weights, grad, scale, velocity] = t;
      sgdStep({ weights, grad, scale, velocity: momentum ? velocity : undefined }, attrs);
      return T.add(t[which], 0);
    },
    reference: ([w, grad, scale, velocity]) => {
      const g = (i: number) => grad.data[i] * scale.data[0] + 0.05 * w.data[i];
      const u = (i: number) => momentum * velocity.data[i] + 0.8 * g(i);
      const step = (i: number) => !momentum ? g(i) : nesterov ? g(i) + momentum * u(i) : u(i);
      return nd([n], (i) => which === 0 ? w.data[i] - 0.1 * step(i) : u(i));
    },
    forwardOnly: true,
  };
}

function adam(n: number, which: number): OpCase {
  const attrs = {
    size: 0.03,
    root: 3,
    eps: 1e-3,
    beta1: 0.9,
    beta2: 0.99,
    decay: 0.1,
    shrink: 0.9,
  };
  return {
    covers: ["adam"],
    name: `adam on ${n}: tensor ${which}`,
    inputs: state(n),
    run: (t) => {
      const [weights, grad, scale, m, v] = t;
      adamStep({ weights, grad, scale, m, v }, attrs);
      return T.add(t[which], 0);
    },
    reference: ([w, grad, scale, m, v]) => {
      const g = (i: number) => grad.data[i] * scale.data[0] + 0.1 * w.data[i];
      const first = (i: number) => 0.9 * m.data[i] + 0.1 * g(i);
      const second = (i: number) => 0.99 * v.data[i] + 0.01 * g(i) ** 2;
      const next = (i: number) =>
        w.data[i] * 0.9 - 0.03 * first(i) / (Math.sqrt(second(i)) * 3 + 1e-3);
      return nd([n], which === 0 ? next : which === 3 ? first : second);
    },
    forwardOnly: true,
  };
}

function clip(shapes: number[][], maxNorm: number): OpCase {
  return {
    covers: ["gradNormScale"],
    name: `factor and norm of ${shapes.map((s) => s.join("×")).join(", ")}, at most ${maxNorm}`,
    inputs: shapes.map((shape) => ({ shape })),
    run: (grads) => gradNormScale(grads, maxNorm),
    reference: (grads) => {
      const square = grads.flatMap((g) => [...g.data]).reduce((s, v) => s + v * v, 0);
      const norm = Math.sqrt(square);
      return nd([2], (i) => i === 1 ? norm : Math.min(1, maxNorm / (norm + 1e-6)));
    },
    forwardOnly: true,
  };
}

export const cases: OpCase[] = [
  ...[1, 7, 1001].flatMap((n) => [
    sgd(n, 0, false, 0),
    sgd(n, 0.9, false, 0),
    sgd(n, 0.9, true, 0),
    sgd(n, 0.9, true, 3),
    adam(n, 0),
    adam(n, 3),
    adam(n, 4),
  ]),
  clip([[1]], 0.01),
  clip([[3, 5], [7]], 1000),
  clip([[4097], [2, 3], [12_345], [64, 64]], 30),
];
