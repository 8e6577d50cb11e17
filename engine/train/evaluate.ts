/** A model on data it does not learn from: evaluation mode, no tape, batch by batch. */
import type { Module } from "../nn/module.ts";
import { concat } from "../ops/movement.ts";
import type { Tensor } from "../tensor.ts";
import type { RowSource } from "./rows.ts";
import { scoreLogits, type Scores } from "./scores.ts";

/** One side of a split. */
export interface LabelledData<In = Tensor> {
  /** Drawn batch by batch. */
  readonly inputs: RowSource<In>;
  /** i32 [n]. */
  readonly labels: Tensor;
  /** Number of clips. */
  readonly n: number;
  /** The same labels on the host. */
  readonly hostLabels: Int32Array;
}

/** Logits of every clip, `[n, classes]` on the host, in evaluation mode, batch by batch. */
export async function logitsOf<In>(
  model: Module<In>,
  inputs: RowSource<In>,
  batch: number,
): Promise<Float32Array> {
  const { device, n } = inputs;
  if (n === 0) return new Float32Array(0);
  const { training } = model;
  model.train(false);
  const parts: Tensor[] = [];
  try {
    for (let start = 0; start < n; start += batch) {
      const rows = Int32Array.from({ length: Math.min(batch, n - start) }, (_, i) => start + i);
      parts.push(
        device.keep(
          device.noGrad(() => device.scope(() => model.forward(inputs.at(rows)))),
        ),
      );
      if (device.kind === "cpu") await breathe();
    }
    const all = device.noGrad(() => device.scope(() => concat(parts)));
    const values = await all.data() as Float32Array;
    all.dispose();
    return values;
  } finally {
    for (const t of parts) t.dispose();
    model.train(training);
  }
}

/** Loss and accuracy of a model on labelled data, in evaluation mode. */
export async function scoreModel<In>(
  model: Module<In>,
  data: LabelledData<In>,
  batch: number,
): Promise<Scores> {
  return scoreLogits(await logitsOf(model, data.inputs, batch), data.hostLabels);
}

/** Lets timers and signals run between steps: training on the CPU never yields by itself. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
