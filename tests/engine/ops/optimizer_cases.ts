/** Optimiser steps and the clip factor: vectors' rests, several workgroups, every flag. */
import * as T from "../../../engine/mod.ts";
import { endScaledStep } from "../../../engine/ops/loss_scale.ts";
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
    count: 5,
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

/** 2-norm of a list of numbers. */
const normOf = (values: Iterable<number>) => Math.sqrt([...values].reduce((s, v) => s + v * v, 0));

/** A step that ends with the losses multiplied by 8, of networks that have one gradient each. */
function scaled(
  sizes: number[],
  { maxNorm, good, overflow = false }: { maxNorm: number | null; good: number; overflow?: boolean },
): OpCase {
  const values = overflow ? (i: number) => i === 0 ? Infinity : 1 : undefined;
  return {
    covers: ["lossScale"],
    name: `factors of ${sizes} gradients, norm ${maxNorm}, after ${good} good steps${
      overflow ? ", one infinite" : ""
    }`,
    inputs: [
      { shape: [1], values: () => 8 },
      { shape: [2], values: (i) => i === 0 ? good : 3 },
      ...sizes.map((n, i) => ({ shape: [n], ...(i === 0 && values && { values }) })),
    ],
    run: ([scale, counts, ...grads]) => {
      const factors = endScaledStep({ scale, counts }, grads.map((g) => [g]), {
        maxNorm,
        interval: 5,
      });
      // A norm that is infinite is so on both; what it is told apart by is tested, not itself.
      const kept = overflow ? factors.map((f) => T.slice(f, [{ step: 2 }])) : factors;
      return T.concat([...kept, scale, counts]);
    },
    reference: ([, , ...grads]) => {
      const factors = grads.flatMap(({ data }) => {
        if (overflow) return [-1, 4];
        const norm = normOf(data) / 8;
        const factor = maxNorm === null ? 1 : Math.min(1, maxNorm / (norm + 1e-6));
        return [factor / 8, norm, 3];
      });
      const doubled = good + 1 === 5;
      const state = overflow ? [4, 0, 4] : doubled ? [16, 0, 3] : [8, good + 1, 3];
      const all = [...factors, ...state];
      return nd([all.length], (i) => all[i]);
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
      const norm = normOf(grads.flatMap((g) => [...g.data]));
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
  scaled([7], { maxNorm: null, good: 0 }),
  scaled([7, 5000], { maxNorm: 1, good: 4 }),
  scaled([3, 4, 5], { maxNorm: 1, good: 4, overflow: true }),
  clip([[1]], 0.01),
  clip([[3, 5], [7]], 1000),
  clip([[4097], [2, 3], [12_345], [64, 64]], 30),
];
