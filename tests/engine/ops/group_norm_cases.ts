/** Group norm over time: one group to a group a channel, past a chunk of times, far from zero. */
import * as T from "../../../engine/mod.ts";
import { type InputSpec, nd, type OpCase } from "./harness.ts";

function groupNorm(
  shape: [number, number, number],
  groups: number,
  extra: Partial<OpCase> = {},
  x: Partial<InputSpec> = {},
): OpCase {
  const [, times, n] = shape;
  const each = n / groups;
  return {
    covers: ["groupNorm", "groupNormGrad"],
    name: `groupNorm of ${shape.join("×")} in ${groups}`,
    inputs: [{ shape, ...x }, { shape: [n] }, { shape: [n] }],
    run: ([x, gamma, beta]) => T.groupNorm(x, gamma, beta, { groups, eps: 1e-3 }),
    reference: ([x, gamma, beta]) => {
      const groupOf = (i: number) => Math.floor(i / times / n) * groups + Math.floor(i % n / each);
      const mean = new Float64Array(shape[0] * groups), variance = mean.slice();
      x.data.forEach((v, i) => mean[groupOf(i)] += v / (times * each));
      x.data.forEach((v, i) =>
        variance[groupOf(i)] += (v - mean[groupOf(i)]) ** 2 / (times * each)
      );
      return nd(shape, (i) => {
        const g = groupOf(i), c = i % n;
        return (x.data[i] - mean[g]) / Math.sqrt(variance[g] + 1e-3) * gamma.data[c] + beta.data[c];
      });
    },
    ...extra,
  };
}

export const cases: OpCase[] = [
  groupNorm([1, 1, 1], 1),
  groupNorm([2, 5, 6], 3),
  groupNorm([3, 7, 12], 1),
  groupNorm([2, 37, 20], 20),
  groupNorm([1, 300, 9], 9),
  groupNorm([2, 67, 130], 2),
  groupNorm([1, 1000, 3], 1),
  groupNorm([1, 33, 2056], 1, { forwardOnly: true }),
  groupNorm([1, 40, 513], 513, { forwardOnly: true }),
  groupNorm(
    [2, 600, 4],
    4,
    { name: "groupNorm of channels far from zero" },
    { values: (i) => 64 * (i % 4) + (i * 37 % 101) / 64 },
  ),
  groupNorm(
    [1, 100, 8],
    2,
    { name: "groupNorm of a group whose channels differ in level" },
    { values: (i) => 16 * (i % 8) + (i * 37 % 101) / 64 },
  ),
];
