/**
 * Between f32 and f16, and which tensors a product takes (mixed precision, Micikevicius et al. 2018):
 * on a device opened for half precision the operands of matmul, convolutions and attention are
 * rounded to f16, and so is the gradient that their backward passes multiply. All else stays f32.
 */
import { linearGrid } from "../backend.ts";
import type { DType, Precision } from "../dtype.ts";
import { defineOp, type TensorSpec } from "../op.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

const castOp = defineOp<{ readonly to: Precision }>({
  name: "cast",
  infer: ([{ shape, dtype }], { to }) => {
    if (dtype === "i32") throw new Error(`cast: needs f32 or f16, got i32 ${formatShape(shape)}`);
    return [{ shape, dtype: to }];
  },
  // Halves are f32 values here: rounding them once more changes nothing.
  cpu: ({ inputs: [x], outputs: [out] }) => [{
    kernel: "roundToHalf",
    buffers: [x.memory, out.memory],
    params: [],
    items: x.size,
  }],
  gpu: ({ inputs: [x], outputs: [out], attrs }) => [{
    shader: "cast",
    constants: { TO_HALF: Number(attrs.to === "f16") },
    buffers: [x.memory, out.memory],
    params: [x.size],
    grid: linearGrid(Math.ceil(x.size / 2)),
  }],
  half: true,
  backward: ([g]) => [g],
});

/**
 * The values in another precision; `x` itself where it has that one. To f16 they are rounded to the
 * nearest, ties to even, past ±65,504 to infinity (IEEE 754). The gradient passes unchanged, in f32.
 */
export function cast(x: Tensor, to: Precision): Tensor {
  return x.dtype === to ? x : castOp.apply([x], { to })[0];
}

/**
 * `x` as products on its device take it: f16 where that was opened for half precision. What several
 * products share is worth handing through here once; what is f16 already stays so.
 */
export function operand(x: Tensor, precision: Precision = x.device.precision): Tensor {
  return x.dtype === "f32" ? cast(x, precision) : x;
}

/** A gradient as the products with what was saved take it. */
export function like(saved: TensorSpec, g: Tensor): Tensor {
  return saved.dtype === "f16" ? cast(g, "f16") : g;
}

/** What the operands of a product are kept in. Throws where they differ, or are indices. */
export function operandType(name: string, operands: readonly TensorSpec[]): DType {
  const [{ dtype }] = operands;
  if (dtype !== "i32" && operands.every((t) => t.dtype === dtype)) return dtype;
  const got = operands.map((t) => `${t.dtype} ${formatShape(t.shape)}`).join(", ");
  throw new Error(`${name}: operands must all be f32 or all f16, got ${got}`);
}
