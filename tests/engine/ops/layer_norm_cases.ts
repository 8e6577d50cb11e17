/** Layer norm: one element to long rows, several leading axes, rows far from zero. */
import * as T from "../../../engine/mod.ts";
import { type InputSpec, nd, type OpCase } from "./harness.ts";

function layerNorm(
  shape: number[],
  extra: Partial<OpCase> = {},
  x: Partial<InputSpec> = {},
): OpCase {
  const n = shape.at(-1)!;
  return {
    covers: ["layerNorm", "layerNormGrad"],
    name: `layerNorm of ${shape.join("×")}`,
    inputs: [{ shape, ...x }, { shape: [n] }, { shape: [n] }],
    run: ([x, gamma, beta]) => T.layerNorm(x, gamma, beta, { eps: 1e-3 }),
    reference: ([x, gamma, beta]) => {
      const rows = Array.from(
        { length: x.data.length / n },
        (_, r) => x.data.subarray(r * n, (r + 1) * n),
      );
      const stats = rows.map((row) => {
        const mean = row.reduce((s, v) => s + v, 0) / n;
        return {
          mean,
          rstd: 1 / Math.sqrt(row.reduce((s, v) => s + (v - mean) ** 2, 0) / n + 1e-3),
        };
      });
      return nd(shape, (i) => {
        const { mean, rstd } = stats[Math.floor(i / n)];
        return (x.data[i] - mean) * rstd * gamma.data[i % n] + beta.data[i % n];
      });
    },
    ...extra,
  };
}

export const cases: OpCase[] = [
  layerNorm([1, 1]),
  layerNorm([3, 5]),
  layerNorm([2, 3, 67]),
  layerNorm([131, 8]),
  layerNorm([2, 1030]),
  layerNorm(
    [3, 96],
    { name: "layerNorm of rows far from zero" },
    { values: (i) => 64 + (i * 37 % 101) / 64 },
  ),
];
