/**
 * Several networks that see the same inputs and answer together. In training each has its own loss
 * and its own gradient norm, so that it learns exactly as it would alone; only the inputs are made
 * once for all.
 */
import { add, mul } from "../ops/elementwise.ts";
import { logSoftmax } from "../ops/softmax.ts";
import type { Tensor } from "../tensor.ts";
import { Module } from "./module.ts";

export abstract class Ensemble<In> extends Module<In> {
  abstract readonly members: readonly Module[];

  /** What every member is given of a batch. */
  protected abstract prepare(x: In): Tensor;

  /** The logits of each member, `[B, classes]`. */
  logitsOfEach(x: In): Tensor[] {
    const given = this.prepare(x);
    return this.members.map((member) => member.forward(given));
  }

  /** Their answer together, `[B, classes]`. */
  forward(x: In): Tensor {
    return together(this.logitsOfEach(x));
  }
}

/** The mean of the networks' log-probabilities: logits whose softmax is their geometric mean. */
export function together(logits: readonly Tensor[]): Tensor {
  if (logits.length === 1) return logits[0];
  const sum = logits.map((one) => logSoftmax(one)).reduce((a, b) => add(a, b));
  return mul(sum, 1 / logits.length);
}

/** The logits that have a loss of their own: each member's, or a plain network's. */
export function separateLogits<In>(model: Module<In>, x: In): Tensor[] {
  return model instanceof Ensemble ? model.logitsOfEach(x) : [model.forward(x)];
}

/** The networks whose gradients have a norm of their own: the members, or the network itself. */
export function learners<In>(model: Module<In>): readonly Module<never>[] {
  return model instanceof Ensemble ? model.members : [model];
}
