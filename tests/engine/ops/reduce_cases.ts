/** Reductions over leading, trailing, middle and all axes. */
import * as T from "../../../engine/mod.ts";
import { normalizeAxes, reducedShape, stridesOf } from "../../../engine/shape.ts";
import { type Nd, nd, type OpCase } from "./harness.ts";

/** Groups of elements that share an output, in output order. */
export function groupsOf(
  x: Nd,
  axes: number | number[] | undefined,
): { shape: number[]; groups: number[][] } {
  const gone = normalizeAxes("reference", axes, x.shape.length);
  const shape = reducedShape(x.shape, gone, false);
  const strides = stridesOf(x.shape);
  const kept = x.shape.map((_, i) => i).filter((i) => !gone.includes(i));
  const outStrides = stridesOf(shape);
  const groups: number[][] = Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => []);
  x.data.forEach((v, i) => {
    let o = 0;
    kept.forEach((axis, k) => o += Math.floor(i / strides[axis]) % x.shape[axis] * outStrides[k]);
    groups[o].push(v);
  });
  return { shape, groups };
}

export const axesCases: [number[], number | number[] | undefined][] = [
  [[1], undefined],
  [[131], undefined],
  [[5, 7], 0],
  [[5, 7], -1],
  [[3, 4, 5], 1],
  [[3, 4, 5], [0, 2]],
  [[2, 3, 4, 5], [0, 2, 3]],
];

export const cases: OpCase[] = axesCases.map(([shape, axes]) => ({
  covers: ["sum"],
  name: `sum of ${shape.join("×")} over ${axes ?? "all"}`,
  inputs: [{ shape }],
  run: ([x]) => T.sum(x, { axes }),
  reference: ([x]) => {
    const { shape, groups } = groupsOf(x, axes);
    return nd(shape, (i) => groups[i].reduce((s, v) => s + v, 0));
  },
}));
