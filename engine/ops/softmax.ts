/** Softmax and log-softmax over one axis; the kernels know the last axis only. */
import { defineOp, type Op, type TensorSpec } from "../op.ts";
import { formatShape, normalizeAxis } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { grainFor } from "./copy_plan.ts";
import { transpose } from "./movement.ts";
import { lanesConstants, lanesFor, rowGrid } from "./rows.ts";

type None = Record<string, never>;
const NAMES = ["softmax", "logSoftmax"] as const;
type Name = typeof NAMES[number];

function inferRows(name: string, x: TensorSpec): TensorSpec[] {
  if (x.dtype !== "f32" || x.shape.length === 0) {
    throw new Error(`${name}: needs f32 of rank 1 or more, got ${x.dtype} ${formatShape(x.shape)}`);
  }
  return [{ shape: x.shape, dtype: "f32" }];
}

/** An op from equal-sized inputs to one output, along the last axis. */
function defineRows(
  op: Name,
  part: "" | "Grad",
  extra: Pick<Op<None>, "save" | "backward">,
): Op<None> {
  const name = op + part;
  return defineOp<None>({
    name,
    infer: (inputs) => inferRows(name, inputs[0]),
    cpu: ({ inputs, outputs: [out] }, caps) => {
      const n = out.shape.at(-1)!;
      return [{
        kernel: name,
        buffers: [...inputs, out].map((t) => t.memory),
        params: [n],
        items: out.size / n,
        grain: grainFor(out.size / n, 4 * n, caps),
      }];
    },
    gpu: ({ inputs, outputs: [out] }, caps) => {
      const n = out.shape.at(-1)!;
      const lanes = lanesFor(n, caps);
      return [{
        shader: part === "" ? "softmax" : "softmax_grad",
        constants: { OP: NAMES.indexOf(op), ...lanesConstants(lanes) },
        buffers: [...inputs, out].map((t) => t.memory),
        params: [out.size / n, n],
        grid: rowGrid(out.size / n, lanes),
      }];
    },
    ...extra,
  });
}

function defineFamily(name: Name): Op<None> {
  const grad = defineRows(name, "Grad", { backward: null });
  return defineRows(name, "", {
    save: { outputs: [0] },
    backward: ([g], c) => grad.apply([g!, c.output(0)], {}),
  });
}

const softmaxOp = defineFamily("softmax");
const logSoftmaxOp = defineFamily("logSoftmax");

function alongAxis(op: Op<None>, x: Tensor, axis: number): Tensor {
  if (x.rank === 0) return op.apply([x], {})[0]; // says what is wrong
  const a = normalizeAxis(op.name, axis, x.rank);
  if (a === x.rank - 1) return op.apply([x], {})[0];
  const order = x.shape.map((_, i) => i);
  [order[a], order[x.rank - 1]] = [x.rank - 1, a]; // its own inverse
  return transpose(op.apply([transpose(x, order)], {})[0], order);
}

/** exp(x) / Σ exp(x) along `axis`, default the last. */
export const softmax = (x: Tensor, axis = -1): Tensor => alongAxis(softmaxOp, x, axis);

/** ln softmax(x) along `axis`, default the last, without forming the quotient. */
export const logSoftmax = (x: Tensor, axis = -1): Tensor => alongAxis(logSoftmaxOp, x, axis);
