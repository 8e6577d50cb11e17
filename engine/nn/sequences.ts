/** A batch of sequences of different lengths: padded at their ends to the longest. */
import type { Tensor } from "../tensor.ts";

/** What a network over time takes. */
export interface Sequences {
  /** f32 [B, T, C]; what lies past a sequence's length is zero and means nothing. */
  readonly values: Tensor;
  /** i32 [B], each at most T. */
  readonly lengths: Tensor;
  /** The same lengths on the host. */
  readonly hostLengths: Int32Array;
}
