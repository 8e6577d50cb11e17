// Between planes and Winograd's vectors: a patch of 8 channels becomes vectors of those 8 at each position,
// and vectors of outputs go back to their planes. Outside the plane there are zeros; nothing is written there.
import { at } from "./abi";

/** Columns `x0 + first …` inside a row of `width` floats, as a mask. */
// @inline
function inside(x0: i32, width: i32): v128 {
  const x = i32x4.add(i32x4.splat(x0), i32x4(0, 1, 2, 3));
  return v128.and(i32x4.ge_s(x, i32x4.splat(0)), i32x4.lt_s(x, i32x4.splat(width)));
}

// Four channels of a row: columns 0 to 3, and 4 and 5 of six.
// @inline
function turn(
  p: usize,
  q: usize,
  r: usize,
  s: usize,
  lo: v128,
  hi: v128,
  six: bool,
  to: usize,
): void {
  const x = v128.and(v128.load(p), lo), y = v128.and(v128.load(q), lo);
  const z = v128.and(v128.load(r), lo), w = v128.and(v128.load(s), lo);
  const xy = v128.shuffle<f32>(x, y, 0, 4, 1, 5), XY = v128.shuffle<f32>(x, y, 2, 6, 3, 7);
  const zw = v128.shuffle<f32>(z, w, 0, 4, 1, 5), ZW = v128.shuffle<f32>(z, w, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(xy, zw, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(xy, zw, 2, 3, 6, 7), 32);
  v128.store(to, v128.shuffle<f32>(XY, ZW, 0, 1, 4, 5), 64);
  v128.store(to, v128.shuffle<f32>(XY, ZW, 2, 3, 6, 7), 96);
  if (six) {
    const a = v128.and(v128.load(p, 16), hi), b = v128.and(v128.load(q, 16), hi);
    const c = v128.and(v128.load(r, 16), hi), d = v128.and(v128.load(s, 16), hi);
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), 128);
    v128.store(to, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7), 160);
  }
}

/**
 * The square patch at row y0, column x0 of `n` ≤ 8 planes at x, of height × width: [size][size][8] with size
 * 6 or 4, zeros for planes n and on. `zero` points at 32 bytes of zeros.
 */
export function gatherPatch(
  x: usize,
  n: i32,
  height: i32,
  width: i32,
  y0: i32,
  x0: i32,
  six: bool,
  zero: usize,
  to: usize,
): void {
  const lo = inside(x0, width), hi = inside(x0 + 4, width);
  const plane = <usize> (height * width) << 2;
  const size = six ? 6 : 4;
  for (let r = 0; r < size; r++) {
    const within = <u32> (y0 + r) < <u32> height;
    const p = within ? at(x, (y0 + r) * width + x0) : zero;
    const step = within ? plane : 0;
    if (n >= 8) {
      turn(p, p + step, p + 2 * step, p + 3 * step, lo, hi, six, to);
      const q = p + 4 * step;
      turn(q, q + step, q + 2 * step, q + 3 * step, lo, hi, six, to + 16);
    } else {
      for (let i = 0; i < 8; i += 4) {
        const from = p + <usize> i * step;
        const p0 = i < n ? from : zero, p1 = i + 1 < n ? from + step : zero;
        const p2 = i + 2 < n ? from + 2 * step : zero, p3 = i + 3 < n ? from + 3 * step : zero;
        turn(p0, p1, p2, p3, lo, hi, six, to + (<usize> i << 2));
      }
    }
    to += <usize> size << 5;
  }
}

/** The first `n` ≤ 4 floats of x. */
// @inline
function storeFirst(to: usize, x: v128, n: i32): void {
  if (n == 4) v128.store(to, x);
  else {
    if (n & 2) v128.store64_lane(to, x, 0);
    if (n == 1) v128.store32_lane(to, x, 0);
    else if (n == 3) v128.store32_lane(to, x, 2, 8);
  }
}

/**
 * A row of up to four columns, vectors of 8 outputs 32 bytes apart, to the first `n` of 8 planes, `plane` bytes
 * apart; biases are added, and with `relu` what is below 0 becomes 0.
 */
export function scatterRow(
  from: usize,
  biases: usize,
  relu: bool,
  to: usize,
  plane: usize,
  columns: i32,
  n: i32,
): void {
  for (let i = 0; i < n; i += 4) {
    const bias = v128.load(biases);
    let x = f32x4.add(v128.load(from), bias), y = f32x4.add(v128.load(from, 32), bias);
    let z = f32x4.add(v128.load(from, 64), bias), w = f32x4.add(v128.load(from, 96), bias);
    if (relu) {
      const zero = f32x4.splat(0);
      x = v128.andnot(x, f32x4.lt(x, zero));
      y = v128.andnot(y, f32x4.lt(y, zero));
      z = v128.andnot(z, f32x4.lt(z, zero));
      w = v128.andnot(w, f32x4.lt(w, zero));
    }
    const xy = v128.shuffle<f32>(x, y, 0, 4, 1, 5), XY = v128.shuffle<f32>(x, y, 2, 6, 3, 7);
    const zw = v128.shuffle<f32>(z, w, 0, 4, 1, 5), ZW = v128.shuffle<f32>(z, w, 2, 6, 3, 7);
    storeFirst(to, v128.shuffle<f32>(xy, zw, 0, 1, 4, 5), columns);
    if (i + 1 < n) storeFirst(to + plane, v128.shuffle<f32>(xy, zw, 2, 3, 6, 7), columns);
    if (i + 2 < n) storeFirst(to + 2 * plane, v128.shuffle<f32>(XY, ZW, 0, 1, 4, 5), columns);
    if (i + 3 < n) storeFirst(to + 3 * plane, v128.shuffle<f32>(XY, ZW, 2, 3, 6, 7), columns);
    from += 16;
    biases += 16;
    to += 4 * plane;
  }
}
