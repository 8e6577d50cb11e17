/**
 * The number formats a safetensors file may name, and how they become f32.
 * Half precision widens exactly: every F16 and BF16 value is an f32 value too.
 * Formats narrower than a byte are left out: nothing here could use them.
 */
import { UserError } from "../error.ts";

/** Bytes of one element. */
export const DTYPE_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E8M0: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
  C64: 8,
} as const;

/** The format's element types, by its own names. */
export type SafetensorsDtype = keyof typeof DTYPE_BYTES;

export function isSafetensorsDtype(value: unknown): value is SafetensorsDtype {
  return typeof value === "string" && Object.hasOwn(DTYPE_BYTES, value);
}

/**
 * The elements of `bytes` as f32; F64 is rounded to nearest. The result never shares memory with `bytes`.
 * Throws `UserError`, beginning with `what`, for a dtype that is no plain floating-point format.
 */
export function toFloat32(
  dtype: SafetensorsDtype,
  bytes: Uint8Array,
  what = "tensor",
): Float32Array<ArrayBuffer> {
  return asFloat32(dtype, bytes.slice(), what);
}

/** The same for bytes that the caller owns: f32 is not copied where it lies aligned. */
export function asFloat32(
  dtype: SafetensorsDtype,
  bytes: Uint8Array,
  what = "tensor",
): Float32Array<ArrayBuffer> {
  const width = DTYPE_BYTES[dtype];
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
  const place = [buffer as ArrayBuffer, byteOffset, byteLength / width] as const;
  switch (dtype) {
    case "F32":
      return new Float32Array(...place);
    case "F64":
      return Float32Array.from(new Float64Array(...place));
    case "F16":
      return float16ToFloat32(new Uint16Array(...place));
    case "BF16":
      return bfloat16ToFloat32(new Uint16Array(...place));
    default:
      throw new UserError(`${what} holds ${dtype}; only F32, F16, BF16 and F64 can be read as f32`);
  }
}

/** IEEE 754 binary16 bits to f32: one sign bit, five of exponent (bias 15), ten of fraction. */
export function float16ToFloat32(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const floats = new Float32Array(bits.length);
  const words = new Uint32Array(floats.buffer);
  for (let i = 0; i < bits.length; i++) {
    const sign = (bits[i] & 0x8000) << 16;
    const exponent = (bits[i] >> 10) & 0x1f;
    const fraction = bits[i] & 0x3ff;
    if (exponent === 0) {
      floats[i] = fraction * 2 ** -24; // a subnormal half is a normal f32
      words[i] |= sign;
    } else if (exponent === 31) {
      words[i] = sign | 0x7f800000 | (fraction << 13);
    } else {
      words[i] = sign | ((exponent + 112) << 23) | (fraction << 13);
    }
  }
  return floats;
}

/** bfloat16 bits to f32: the upper half of the f32's own bits. */
export function bfloat16ToFloat32(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const floats = new Float32Array(bits.length);
  const words = new Uint32Array(floats.buffer);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i] << 16;
  return floats;
}
