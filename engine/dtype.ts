/**
 * Element types: f32 values and i32 indices of four bytes, and f16, what the operands of products are
 * kept in where a device was opened for half precision. A backend without halves (the CPU's) keeps an
 * f16 tensor as f32 values that were rounded to half precision, so that both compute the same.
 */

/** Element type of a tensor. */
export type DType = "f32" | "i32" | "f16";
/** What operands of products (matmul, convolutions, attention) are rounded to; sums are always f32. */
export type Precision = "f32" | "f16";
/** Elements on the host, in the array that fits their type; f16 arrives widened. */
export type TypedData = Float32Array | Int32Array;

/** Size of an f32 or i32 element. */
export const BYTES_PER_ELEMENT = 4;

/** Bytes of `size` elements, in whole words, where an f16 element takes `halfBytes`. */
export function bytesOf(size: number, dtype: DType, halfBytes: 2 | 4): number {
  const each = dtype === "f16" ? halfBytes : BYTES_PER_ELEMENT;
  return Math.ceil(size * each / BYTES_PER_ELEMENT) * BYTES_PER_ELEMENT;
}

/** `size` elements of raw bytes, without copying where they are aligned and not halves. */
export function viewAs(
  dtype: DType,
  bytes: Uint8Array,
  { size, halfBytes }: { readonly size: number; readonly halfBytes: 2 | 4 },
): TypedData {
  const { buffer, byteOffset } = bytes.byteOffset % BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  if (dtype === "i32") return new Int32Array(buffer, byteOffset, size);
  if (dtype === "f32" || halfBytes === 4) return new Float32Array(buffer, byteOffset, size);
  return Float32Array.from(new Float16Array(buffer, byteOffset, size));
}
