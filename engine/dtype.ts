/** Element types. Both are four bytes wide, on both backends: values are f32, indices are i32. */

/** Element type of a tensor. */
export type DType = "f32" | "i32";
/** Elements on the host, in the array that fits their type. */
export type TypedData = Float32Array | Int32Array;

/** Size of an element of either type. */
export const BYTES_PER_ELEMENT = 4;

/** A typed view of raw bytes, without copying where they are aligned. */
export function viewAs(dtype: DType, bytes: Uint8Array): TypedData {
  const aligned = bytes.byteOffset % BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  const length = bytes.byteLength / BYTES_PER_ELEMENT;
  return dtype === "f32"
    ? new Float32Array(aligned.buffer, aligned.byteOffset, length)
    : new Int32Array(aligned.buffer, aligned.byteOffset, length);
}
