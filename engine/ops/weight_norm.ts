/** Weight normalisation: a weight as a direction and a length. Composed of ops; once a step, not a clip. */
import { formatShape, normalizeAxis, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { div, mul, sqrt, square } from "./elementwise.ts";
import { sum } from "./reduce.ts";

/** ‖v‖ over all axes but `dim`, those kept with size 1. */
export function normExcept(v: Tensor, dim: number): Tensor {
  const kept = normalizeAxis("weightNorm", dim, v.rank);
  const axes = v.shape.map((_, i) => i).filter((i) => i !== kept);
  return sqrt(sum(square(v), { axes, keepDims: true }));
}

/**
 * g · v / ‖v‖ with the norm over all axes but `dim` (default 0): g has v's size along `dim` and 1
 * elsewhere. `torch.nn.utils.weight_norm` (Salimans and Kingma, 2016).
 */
export function weightNorm(
  v: Tensor,
  g: Tensor,
  { dim = 0 }: { readonly dim?: number } = {},
): Tensor {
  const kept = normalizeAxis("weightNorm", dim, v.rank);
  const shape = v.shape.map((d, i) => i === kept ? d : 1);
  if (!sameShape(g.shape, shape)) {
    throw new Error(
      `weightNorm: v ${formatShape(v.shape)} by axis ${dim} needs g ${formatShape(shape)}, got ${
        formatShape(g.shape)
      }`,
    );
  }
  return mul(v, div(g, normExcept(v, kept)));
}
