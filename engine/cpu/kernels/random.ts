// Random numbers: Threefry-2x32 with 20 rounds, the stream of engine/random.ts bit for bit. Element i
// takes word i mod 2 of block i/2 after the counter. Chunks begin at multiples of eight elements (four
// blocks, a vector of each word).
import { at, float, int, ptr } from "./abi";
import { log4 } from "./math";
import { threefry4, word0, word1 } from "./threefry";

const enum Draw {
  Uniform,
  Normal,
  Dropout,
}

/** 24 random bits as a float in [0, 1). */
// @inline
function unit4(word: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_u(i32x4.shr_u(word, 8)), f32x4.splat(1.0 / 16777216.0));
}

/** Radius of Box and Muller: √(−2 ln u) with u in (0, 1]. */
// @inline
function radius4(word: v128): v128 {
  const bits = i32x4.add(i32x4.shr_u(word, 8), i32x4.splat(1));
  const u = f32x4.mul(f32x4.convert_i32x4_u(bits), f32x4.splat(1.0 / 16777216.0));
  return f32x4.sqrt(f32x4.mul(f32x4.splat(-2), log4(u)));
}

/**
 * Cosine (part 0) or sine (part 1) of 2π times 24 random bits: the quadrant by integers, the rest by
 * Cephes' polynomials on ±π/4.
 */
// @inline
function circle4(word: v128, part: i32): v128 {
  const turn = i32x4.shr_u(word, 8);
  const quadrant = i32x4.shr_u(i32x4.add(turn, i32x4.splat(1 << 21)), 22);
  const rest = i32x4.sub(turn, i32x4.shl(quadrant, 22));
  const x = f32x4.mul(f32x4.convert_i32x4_s(rest), f32x4.splat(3.7450702829239e-7));
  const z = f32x4.mul(x, x);
  let s = f32x4.relaxed_madd(z, f32x4.splat(-1.9515295891e-4), f32x4.splat(8.3321608736e-3));
  s = f32x4.relaxed_madd(s, z, f32x4.splat(-1.6666654611e-1));
  s = f32x4.relaxed_madd(f32x4.mul(s, z), x, x);
  let c = f32x4.relaxed_madd(
    z,
    f32x4.splat(2.443315711809948e-5),
    f32x4.splat(-1.388731625493765e-3),
  );
  c = f32x4.relaxed_madd(c, z, f32x4.splat(4.166664568298827e-2));
  c = f32x4.relaxed_madd(
    f32x4.mul(c, z),
    z,
    f32x4.relaxed_madd(z, f32x4.splat(-0.5), f32x4.splat(1)),
  );
  const odd = i32x4.ne(v128.and(quadrant, i32x4.splat(1)), i32x4.splat(0));
  const signed = part == 0 ? i32x4.add(quadrant, i32x4.splat(1)) : quadrant;
  const sign = i32x4.shl(v128.and(signed, i32x4.splat(2)), 30);
  return v128.xor(part == 0 ? v128.bitselect(s, c, odd) : v128.bitselect(c, s, odd), sign);
}

// Buffers: x (dropout alone), out. Params: key, counter (low words first), then offset and scale, or
// threshold and scale. Items: elements.
// @inline
function runDraw(draw: Draw, p: usize, start: i32, end: i32): void {
  const q = draw == Draw.Dropout ? 2 : 1;
  const x = ptr(p, 0), out = ptr(p, q - 1);
  const k0 = <u32> int(p, q), k1 = <u32> int(p, q + 1);
  const counter = load<u64>(p + (<usize> (q + 2) << 2));
  const offset = f32x4.splat(float(p, q + 4)), scale = f32x4.splat(float(p, q + 5));
  const threshold = i32x4.splat(int(p, q + 4));
  for (let i = start; i < end; i += 8) {
    threefry4(counter + <u64> (i >> 1), k0, k1);
    const a = word0, b = word1;
    let first: v128, second: v128;
    if (draw == Draw.Uniform) {
      first = f32x4.add(offset, f32x4.mul(unit4(a), scale));
      second = f32x4.add(offset, f32x4.mul(unit4(b), scale));
    } else if (draw == Draw.Normal) {
      const radius = f32x4.mul(radius4(a), scale);
      first = f32x4.add(offset, f32x4.mul(radius, circle4(b, 0)));
      second = f32x4.add(offset, f32x4.mul(radius, circle4(b, 1)));
    } else {
      first = v128.and(scale, i32x4.ge_u(a, threshold));
      second = v128.and(scale, i32x4.ge_u(b, threshold));
    }
    let even = i32x4.shuffle(first, second, 0, 4, 1, 5);
    let odd = i32x4.shuffle(first, second, 2, 6, 3, 7);
    if (draw == Draw.Dropout) {
      even = keep(v128.load(at(x, i)), even);
      odd = keep(v128.load(at(x, i), 16), odd);
    }
    if (i + 8 <= end) {
      v128.store(at(out, i), even);
      v128.store(at(out, i), odd, 16);
    } else storeSome(at(out, i), even, odd, end - i);
  }
}

/** x · factor, and 0 where the factor is 0 whatever x is. */
// @inline
function keep(x: v128, factor: v128): v128 {
  return v128.and(f32x4.mul(x, factor), f32x4.gt(factor, f32x4.splat(0)));
}

/** The first `n` < 8 lanes of two vectors. */
function storeSome(out: usize, even: v128, odd: v128, n: i32): void {
  if (n >= 4) {
    v128.store(out, even);
    out += 16;
    even = odd;
    n -= 4;
  }
  if (n > 0) store<f32>(out, f32x4.extract_lane(even, 0));
  if (n > 1) store<f32>(out, f32x4.extract_lane(even, 1), 4);
  if (n > 2) store<f32>(out, f32x4.extract_lane(even, 2), 8);
}

export function randomUniform(p: usize, s: i32, e: i32): void {
  runDraw(Draw.Uniform, p, s, e);
}
export function randomNormal(p: usize, s: i32, e: i32): void {
  runDraw(Draw.Normal, p, s, e);
}
export function dropout(p: usize, s: i32, e: i32): void {
  runDraw(Draw.Dropout, p, s, e);
}
