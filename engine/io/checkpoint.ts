/**
 * A checkpoint's tensors, whatever the form of its files: by name, one at a time, as f32.
 * Nothing holds more than the tensor that was asked for; ask for one after the other.
 */
import type { SafetensorsDtype } from "./dtypes.ts";

export interface TensorInfo {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
}

export interface Checkpoint {
  /** The file, or the index of files, as messages call it. */
  readonly file: string;
  /** Every tensor by its name in the file. */
  entries(): ReadonlyMap<string, TensorInfo>;
  /** F32, F16, BF16 or F64 as f32, row-major. Throws `UserError` for any other dtype, or damage. */
  readFloat32(name: string): Promise<Float32Array>;
  close(): void;
}
