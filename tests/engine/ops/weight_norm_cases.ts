/** Weight norm by each axis, gradients of direction and length. */
import * as T from "../../../engine/mod.ts";
import { nd, type OpCase } from "./harness.ts";

function weightNorm(shape: [number, number, number], dim: number): OpCase {
  const strides = [shape[1] * shape[2], shape[2], 1];
  const along = (i: number) => Math.floor(i / strides[dim]) % shape[dim];
  return {
    covers: [],
    name: `weightNorm of ${shape.join("×")} by axis ${dim}`,
    inputs: [{ shape }, { shape: shape.map((d, i) => i === dim ? d : 1) }],
    run: ([v, g]) => T.weightNorm(v, g, { dim }),
    reference: ([v, g]) => {
      const squares = new Float64Array(shape[dim]);
      v.data.forEach((x, i) => squares[along(i)] += x * x);
      return nd(shape, (i) => g.data[along(i)] * v.data[i] / Math.sqrt(squares[along(i)]));
    },
  };
}

export const cases: OpCase[] = [
  weightNorm([1, 1, 1], 0),
  weightNorm([5, 3, 4], 0),
  weightNorm([3, 7, 2], 1),
  weightNorm([13, 6, 17], 2),
];
