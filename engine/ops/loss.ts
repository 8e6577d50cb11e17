/** Losses, and the count of right answers: one number on the device, nothing read back. */
import { f32, type Memory } from "../backend.ts";
import { type Call, defineOp, type TensorSpec } from "../op.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { grainFor } from "./copy_plan.ts";
import { square, sub } from "./elementwise.ts";
import { mean } from "./reduce.ts";
import { cpuReduce, gpuReduce, type ReduceWork } from "./reduce_plan.ts";
import { lanesConstants, lanesFor, rowGrid } from "./rows.ts";

function checkLabels(name: string, logits: TensorSpec, labels: TensorSpec): void {
  const fits = logits.dtype === "f32" && logits.shape.length === 2 && logits.shape[1] > 0 &&
    labels.dtype === "i32" && sameShape(labels.shape, [logits.shape[0]]);
  if (!fits) {
    throw new Error(
      `${name}: needs f32 logits [B, C] and i32 labels [B], got ${logits.dtype} ${
        formatShape(logits.shape)
      } and ${labels.dtype} ${formatShape(labels.shape)}`,
    );
  }
}

/** The reduction of one number a row, in scratch, to the op's scalar output. */
function total<A>(call: Call<A>, rows: Memory, scale: number): ReduceWork {
  const shape = [call.inputs[0].shape[0]];
  const out = call.outputs[0].memory;
  return { kind: "sum", x: rows, out, shape, axes: [0], scale, scratch: call.scratch };
}

/** How targets are made of labels. */
export interface CrossEntropyOptions {
  /** Share of every target spread evenly over all classes; default 0. */
  readonly labelSmoothing?: number;
}

type CrossEntropyAttrs = Required<CrossEntropyOptions>;

const crossEntropyOp = defineOp<CrossEntropyAttrs>({
  name: "crossEntropy",
  infer: ([logits, labels]) => {
    checkLabels("crossEntropy", logits, labels);
    return [{ shape: [], dtype: "f32" }];
  },
  cpu: (call, caps) => {
    const { inputs: [logits, labels], attrs } = call;
    const [rows, n] = logits.shape;
    const losses = call.scratch(rows);
    return [{
      kernel: "crossEntropy",
      buffers: [logits.memory, labels.memory, losses],
      params: [n, f32(attrs.labelSmoothing)],
      items: rows,
      grain: grainFor(rows, 4 * n, caps),
    }, ...cpuReduce(total(call, losses, 1 / rows), caps)];
  },
  gpu: (call, caps) => {
    const { inputs: [logits, labels], attrs } = call;
    const [rows, n] = logits.shape;
    const lanes = lanesFor(n, caps);
    const losses = call.scratch(rows);
    return [{
      shader: "cross_entropy",
      constants: { OP: 0, ...lanesConstants(lanes) },
      buffers: [logits.memory, labels.memory, losses],
      params: [rows, n, f32(attrs.labelSmoothing), f32(NaN)],
      grid: rowGrid(rows, lanes),
    }, ...gpuReduce(total(call, losses, 1 / rows), caps)];
  },
  save: { inputs: [0, 1] },
  backward: ([g], c) => [
    crossEntropyGradOp.apply([g!, c.input(0), c.input(1)], c.attrs)[0],
    null,
  ],
});

const crossEntropyGradOp = defineOp<CrossEntropyAttrs>({
  name: "crossEntropyGrad",
  infer: ([_, logits]) => [{ shape: logits.shape, dtype: "f32" }],
  cpu: ({ inputs, outputs: [out], attrs }, caps) => {
    const [rows, n] = out.shape;
    return [{
      kernel: "crossEntropyGrad",
      buffers: [...inputs, out].map((t) => t.memory),
      params: [n, rows, f32(attrs.labelSmoothing)],
      items: rows,
      grain: grainFor(rows, 4 * n, caps),
    }];
  },
  gpu: ({ inputs, outputs: [out], attrs }, caps) => {
    const [rows, n] = out.shape;
    const lanes = lanesFor(n, caps);
    return [{
      shader: "cross_entropy_grad",
      constants: lanesConstants(lanes),
      buffers: [...inputs, out].map((t) => t.memory),
      params: [rows, n, f32(attrs.labelSmoothing), f32(NaN)],
      grid: rowGrid(rows, lanes),
    }];
  },
  backward: null,
});

/**
 * Mean over the batch of −Σ target · ln softmax(logits): logits [B, C], i32 labels [B] → scalar.
 * With smoothing ε a target is (1 − ε) on its label plus ε/C everywhere
 * (`torch.nn.functional.cross_entropy`). A label outside 0…C−1 makes the loss NaN.
 */
export function crossEntropy(
  logits: Tensor,
  labels: Tensor,
  { labelSmoothing = 0 }: CrossEntropyOptions = {},
): Tensor {
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new Error(`crossEntropy: label smoothing must be between 0 and 1, got ${labelSmoothing}`);
  }
  return crossEntropyOp.apply([logits, labels], { labelSmoothing })[0];
}

const countCorrectOp = defineOp<Record<string, never>>({
  name: "countCorrect",
  infer: ([logits, labels]) => {
    checkLabels("countCorrect", logits, labels);
    return [{ shape: [], dtype: "f32" }];
  },
  cpu: (call, caps) => {
    const { inputs: [logits, labels] } = call;
    const [rows, n] = logits.shape;
    const hits = call.scratch(rows);
    return [{
      kernel: "isCorrect",
      buffers: [logits.memory, labels.memory, hits],
      params: [n],
      items: rows,
      grain: grainFor(rows, n, caps),
    }, ...cpuReduce(total(call, hits, 1), caps)];
  },
  gpu: (call, caps) => {
    const { inputs: [logits, labels] } = call;
    const [rows, n] = logits.shape;
    const lanes = lanesFor(n, caps);
    const hits = call.scratch(rows);
    return [{
      shader: "cross_entropy",
      constants: { OP: 1, ...lanesConstants(lanes) },
      buffers: [logits.memory, labels.memory, hits],
      params: [rows, n, f32(0), f32(0)],
      grid: rowGrid(rows, lanes),
    }, ...gpuReduce(total(call, hits, 1), caps)];
  },
  backward: null,
});

/**
 * How many rows of logits [B, C] have their first largest entry at their label [B]: an f32 scalar.
 * No gradient.
 */
export function countCorrect(logits: Tensor, labels: Tensor): Tensor {
  return countCorrectOp.apply([logits, labels], {})[0];
}

/** Mean of (prediction − target)² over all elements; shapes must agree. */
export function mse(prediction: Tensor, target: Tensor): Tensor {
  if (!sameShape(prediction.shape, target.shape)) {
    throw new Error(
      `mse: shapes differ (${formatShape(prediction.shape)} and ${formatShape(target.shape)})`,
    );
  }
  return mean(square(sub(prediction, target)));
}
