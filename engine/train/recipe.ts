/** A training recipe, as plain data that a run folder can hold. */
import type { Schedule } from "./schedule.ts";

/** How a network is trained. */
export interface Recipe {
  /** At most so many passes over the training set. */
  readonly epochs: number;
  /** Clips a step. */
  readonly batch: number;
  /** How weight decay enters: added to the gradient ("adam", the default) or apart from it ("adamw"). */
  readonly optimizer?: "adam" | "adamw";
  /** Adam's step size; the highest, where a schedule changes it. */
  readonly learningRate: number;
  /** As torch.optim.Adam or AdamW has it. */
  readonly weightDecay: number;
  /** Gradients are scaled to this global norm at most; null: not clipped. */
  readonly clipNorm: number | null;
  /** ReduceLROnPlateau on the validation loss; null: constant rate. */
  readonly plateau: { readonly factor: number; readonly patience: number } | null;
  /** A rate by the step, instead of the plateau; default none. */
  readonly schedule?: Schedule | null;
  /** Parts a batch is cut into, run one after the other and stepped once; default 1. */
  readonly accumulate?: number;
  /** Which epoch's weights are kept: that of the lowest validation loss (the default), or the last. */
  readonly keep?: "best" | "last";
  /** Early stopping: epochs without a lower validation loss. */
  readonly patience: number;
  /** Share of every target spread evenly over all classes. */
  readonly labelSmoothing: number;
}
