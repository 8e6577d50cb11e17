/**
 * A checkpoint's tensors, whatever the form of its files: by name, one at a time, as f32.
 * Nothing holds more than the tensor that was asked for; ask for one after the other.
 */
import type { SafetensorsDtype } from "./dtypes.ts";

export interface TensorInfo {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
}

/** Gets a piece of a tensor and the elements before it; the piece holds until the call returns. */
export type TakeFloat32 = (piece: Float32Array, before: number) => void;

export interface Checkpoint {
  /** The file, or the index of files, as messages call it. */
  readonly file: string;
  /** Every tensor by its name in the file. */
  entries(): ReadonlyMap<string, TensorInfo>;
  /** F32, F16, BF16 or F64 as f32, row-major. Throws `UserError` for any other dtype, or damage. */
  readFloat32(name: string): Promise<Float32Array>;
  /** The same in pieces, so that little is held beside what they are put into. */
  eachFloat32(name: string, take: TakeFloat32): Promise<void>;
  close(): void;
}
