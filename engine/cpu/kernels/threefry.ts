// Threefry-2x32 with 20 rounds on four lanes: the words of engine/random.ts bit for bit. The two words of
// a block come back in globals, which every thread has for itself.

/** First words of the four blocks of the last `threefry4`. */
export let word0: v128 = i32x4.splat(0);
/** Second words. */
export let word1: v128 = i32x4.splat(0);

// @inline
function rotl4(x: v128, r: i32): v128 {
  return v128.or(i32x4.shl(x, r), i32x4.shr_u(x, 32 - r));
}

/** Blocks `block` … `block` + 3 of the stream of key (k0, k1), into `word0` and `word1`. */
export function threefry4(block: u64, k0: u32, k1: u32): void {
  const k2: u32 = 0x1bd11bda ^ k0 ^ k1;
  const low = i32x4.splat(<i32> <u32> block);
  let a = i32x4.add(low, i32x4(0, 1, 2, 3));
  // The comparison is −1 where the low word wrapped.
  let b = i32x4.sub(i32x4.splat(<i32> <u32> (block >> 32)), i32x4.lt_u(a, low));
  a = i32x4.add(a, i32x4.splat(k0));
  b = i32x4.add(b, i32x4.splat(k1));
  a = i32x4.add(a, b);
  b = v128.xor(rotl4(b, 13), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotl4(b, 15), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotl4(b, 26), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotl4(b, 6), a);
  a = i32x4.add(a, i32x4.splat(k1));
  b = i32x4.add(b, i32x4.splat(k2 + 1));
  a = i32x4.add(a, b);
  b = v128.xor(rotl4(b, 17), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotl4(b, 29), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotl4(b, 16), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotl4(b, 24), a);
  a = i32x4.add(a, i32x4.splat(k2));
  b = i32x4.add(b, i32x4.splat(k0 + 2));
  a = i32x4.add(a, b);
  b = v128.xor(rotl4(b, 13), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotl4(b, 15), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotl4(b, 26), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotl4(b, 6), a);
  a = i32x4.add(a, i32x4.splat(k0));
  b = i32x4.add(b, i32x4.splat(k1 + 3));
  a = i32x4.add(a, b);
  b = v128.xor(rotl4(b, 17), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotl4(b, 29), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotl4(b, 16), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotl4(b, 24), a);
  a = i32x4.add(a, i32x4.splat(k1));
  b = i32x4.add(b, i32x4.splat(k2 + 4));
  a = i32x4.add(a, b);
  b = v128.xor(rotl4(b, 13), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotl4(b, 15), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotl4(b, 26), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotl4(b, 6), a);
  a = i32x4.add(a, i32x4.splat(k2));
  b = i32x4.add(b, i32x4.splat(k0 + 5));
  word0 = a;
  word1 = b;
}
