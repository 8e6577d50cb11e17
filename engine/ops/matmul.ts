/**
 * Matrix products, batched, either side transposed in place, with bias and ReLU folded into the
 * product. Gradients are matrix products again.
 */
import type { Precision } from "../dtype.ts";
import { type BackwardContext, defineOp, type Op, type TensorSpec } from "../op.ts";
import { formatShape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { like, operand, operandType } from "./cast.ts";
import { reluGrad } from "./elementwise.ts";
import { cpuMatmul, gpuMatmul, type MatmulAttrs, planMatmul } from "./matmul_plan.ts";
import { reshape } from "./movement.ts";
import { sum } from "./reduce.ts";

/** How `matmul` reads its operands, and what it does to the product. */
export interface MatmulOptions {
  /** Read the last two axes of `a` as swapped: `a` is [.., K, M]. */
  readonly transposeA?: boolean;
  /** Read the last two axes of `b` as swapped: `b` is [.., N, K]. */
  readonly transposeB?: boolean;
  /** [N], added to every row. */
  readonly bias?: Tensor;
  /** Clip the result below at 0. */
  readonly relu?: boolean;
  /** What the operands are rounded to; default what the device was opened for. */
  readonly precision?: Precision;
}

function defineMatmul(name: string, relu: boolean): Op<MatmulAttrs> {
  return defineOp<MatmulAttrs>({
    name,
    infer: ([a, b, bias], attrs) => {
      operandType("matmul", [a, b]);
      const { m, n, batch } = planMatmul(a.shape, b.shape, attrs);
      checkBias(bias, n);
      return [{ shape: [...batch, m, n], dtype: "f32" }];
    },
    cpu: (call, caps) => cpuMatmul(call, caps, relu),
    gpu: (call, caps) => gpuMatmul(call, caps, relu),
    half: true,
    save: { inputs: [0, 1], outputs: relu ? [0] : [] },
    backward: ([g], c) => matmulGradients(relu ? reluGrad(g!, c.output(0)) : g!, c),
  });
}

function checkBias(bias: TensorSpec | undefined, n: number): void {
  if (bias && (bias.dtype !== "f32" || bias.shape.length !== 1 || bias.shape[0] !== n)) {
    throw new Error(
      `matmul: the bias must be f32 ${n}, got ${bias.dtype} ${formatShape(bias.shape)}`,
    );
  }
}

const matmulOp = defineMatmul("matmul", false);
const matmulReluOp = defineMatmul("matmulRelu", true);

/**
 * [.., M, K] × [.., K, N] → [.., M, N]; leading axes broadcast. Options transpose either side
 * without a copy and fold a bias and a ReLU into the product.
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false, relu = false } = options;
  const op = relu ? matmulReluOp : matmulOp;
  const left = operand(a, options.precision), right = operand(b, options.precision);
  const rest = options.bias ? [right, options.bias] : [right];
  // One tall matrix instead of a batch: rows of all matrices meet the same b.
  if (b.rank === 2 && a.rank > 2 && !transposeA) {
    const rows = reshape(left, [sizeOf(a.shape.slice(0, -1)), a.shape[a.rank - 1]]);
    const [out] = op.apply([rows, ...rest], { transposeA, transposeB });
    return reshape(out, [...a.shape.slice(0, -1), out.shape[1]]);
  }
  return op.apply([left, ...rest], { transposeA, transposeB })[0];
}

function matmulGradients(g: Tensor, c: BackwardContext<MatmulAttrs>): (Tensor | null)[] {
  const { transposeA, transposeB } = c.attrs;
  const h = like(c.inputSpecs[0], g);
  const precision = h.dtype === "f16" ? "f16" : "f32";
  const grads: (Tensor | null)[] = [null, null];
  if (c.wants(0)) {
    grads[0] = transposeA
      ? matmul(c.input(1), h, { transposeA: transposeB, transposeB: true, precision })
      : matmul(h, c.input(1), { transposeB: !transposeB, precision });
  }
  if (c.wants(1)) {
    grads[1] = transposeB
      ? matmul(h, c.input(0), { transposeA: true, transposeB: transposeA, precision })
      : matmul(c.input(0), h, { transposeA: !transposeA, precision });
  }
  if (c.inputSpecs.length > 2) {
    const axes = g.shape.slice(0, -1).map((_, i) => i);
    grads.push(c.wants(2) ? sum(g, { axes }) : null);
  }
  return grads;
}
