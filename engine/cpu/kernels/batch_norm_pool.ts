// Batch norm, ReLU and 2×2 max pooling in one pass over the input. Normalising is monotone, so a
// window's largest output comes of its largest input (smallest where scale < 0): inputs are
// multiplied by the sign of scale (0 for 0: then the first of the window is taken, as any tie takes
// the first) and only the winner is normalised.
import { at, float, int, ptr } from "./abi";
import { channelScale, signOf } from "./channel";

// @inline
function even(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 2, 4, 6);
}

// @inline
function odd(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 1, 3, 5, 7);
}

// Winners of a row of windows. Lanes of the result are 0 unless an input is NaN or infinite: these
// comparisons lose a NaN, so such a row is done again by `exactRow`.
// @inline
function fastRow(top: usize, bottom: usize, won: usize, w: i32, largest: bool): v128 {
  const zero = f32x4.splat(0);
  let c0 = zero, c1 = zero, c2 = zero, c3 = zero;
  for (let i = 0; i + 4 <= w; i += 4) {
    const q = at(top, 2 * i), u = at(bottom, 2 * i);
    const q0 = v128.load(q), q1 = v128.load(q, 16), u0 = v128.load(u), u1 = v128.load(u, 16);
    c0 = f32x4.relaxed_madd(q0, zero, c0);
    c1 = f32x4.relaxed_madd(q1, zero, c1);
    c2 = f32x4.relaxed_madd(u0, zero, c2);
    c3 = f32x4.relaxed_madd(u1, zero, c3);
    const v0 = largest ? f32x4.pmax(q0, u0) : f32x4.pmin(q0, u0);
    const v1 = largest ? f32x4.pmax(q1, u1) : f32x4.pmin(q1, u1);
    const e = even(v0, v1), o = odd(v0, v1);
    v128.store(at(won, i), largest ? f32x4.pmax(e, o) : f32x4.pmin(e, o));
  }
  return f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3));
}

// Winners of windows from `first` on, one by one: NaN wins, and the first where sign is 0.
function exactRow(top: usize, bottom: usize, won: usize, first: i32, w: i32, sign: f32): void {
  for (let i = first; i < w; i++) {
    const q = at(top, 2 * i), u = at(bottom, 2 * i);
    const best = sign * max<f32>(
      max<f32>(load<f32>(q) * sign, load<f32>(q, 4) * sign),
      max<f32>(load<f32>(u) * sign, load<f32>(u, 4) * sign),
    );
    store<f32>(at(won, i), sign == 0 && best == 0 ? load<f32>(q) : best);
  }
}

/**
 * batchNormPool: x [rows, H, W], gamma, beta, mean, variance, y [rows, H/2, W/2], winners [rows, H/2,
 * W/2] (the window's chosen input); C, H, W, eps. Items: rows.
 */
export function batchNormPool(p: usize, start: i32, end: i32): void {
  const x = ptr(p, 0),
    gamma = ptr(p, 1),
    beta = ptr(p, 2),
    means = ptr(p, 3),
    variances = ptr(p, 4);
  const y = ptr(p, 5), winners = ptr(p, 6), C = int(p, 7), H = int(p, 8), W = int(p, 9);
  const eps = float(p, 10), h = H >> 1, w = W >> 1, whole = w & ~3, zero = f32x4.splat(0);
  for (let row = start; row < end; row++) {
    const c = row % C;
    const mean = load<f32>(at(means, c)), scale = channelScale(gamma, variances, c, eps);
    const shift = load<f32>(at(beta, c)), sign = signOf(scale);
    const m = f32x4.splat(mean), g = f32x4.splat(scale), b = f32x4.splat(shift);
    for (let r = 0; r < h; r++) {
      const top = at(x, (row * H + 2 * r) * W), bottom = at(top, W);
      const to = at(y, (row * h + r) * w), won = at(winners, (row * h + r) * w);
      let check = f32x4.splat(NaN);
      if (sign > 0) check = fastRow(top, bottom, won, w, true);
      else if (sign < 0) check = fastRow(top, bottom, won, w, false);
      const sound = i32x4.all_true(f32x4.eq(check, zero));
      exactRow(top, bottom, won, sound ? whole : 0, w, sign);
      let i = 0;
      for (; i + 4 <= w; i += 4) {
        const out = f32x4.add(f32x4.mul(f32x4.sub(v128.load(at(won, i)), m), g), b);
        v128.store(at(to, i), v128.andnot(out, f32x4.lt(out, zero)));
      }
      for (; i < w; i++) {
        const best = load<f32>(at(won, i));
        store<f32>(at(to, i), max<f32>((best - mean) * scale + shift, 0));
      }
    }
  }
}

/**
 * batchNormPoolDx: dy [rows, H/2, W/2], x [rows, H, W], beta, mean, line (see batchNormCombine), dx;
 * C, H, W. Items: rows. Which input won its window is found again from x.
 */
export function batchNormPoolDx(p: usize, start: i32, end: i32): void {
  const dy = ptr(p, 0), x = ptr(p, 1), beta = ptr(p, 2), means = ptr(p, 3), line = ptr(p, 4);
  const dx = ptr(p, 5), C = int(p, 6), H = int(p, 7), W = int(p, 8), h = H >> 1, w = W >> 1;
  for (let row = start; row < end; row++) {
    const c = row % C;
    const mean = load<f32>(at(means, c)), shift = load<f32>(at(beta, c));
    const scale = load<f32>(at(line, 4 * c)), sign = signOf(scale);
    const slope = load<f32>(at(line, 4 * c + 1)), offset = load<f32>(at(line, 4 * c + 2));
    const m = f32x4.splat(mean), g = f32x4.splat(scale), b = f32x4.splat(shift);
    const s = f32x4.splat(sign), k = f32x4.splat(slope), o = f32x4.splat(offset);
    const zero = f32x4.splat(0);
    for (let r = 0; r < h; r++) {
      const first = (row * H + 2 * r) * W;
      const grad = at(dy, (row * h + r) * w);
      let i = 0;
      for (; i + 4 <= w; i += 4) {
        const q = at(x, first + 2 * i), u = at(q, W);
        const q0 = v128.load(q), q1 = v128.load(q, 16), u0 = v128.load(u), u1 = v128.load(u, 16);
        const x0 = even(q0, q1), x1 = odd(q0, q1), x2 = even(u0, u1), x3 = odd(u0, u1);
        const v0 = f32x4.mul(x0, s), v1 = f32x4.mul(x1, s);
        const v2 = f32x4.mul(x2, s), v3 = f32x4.mul(x3, s);
        const best = f32x4.pmax(f32x4.pmax(v0, v1), f32x4.pmax(v2, v3));
        const is0 = f32x4.eq(v0, best);
        const is1 = v128.andnot(f32x4.eq(v1, best), is0), is01 = v128.or(is0, is1);
        const is2 = v128.andnot(f32x4.eq(v2, best), is01);
        const is3 = v128.not(v128.or(is01, is2));
        const out = f32x4.add(f32x4.mul(f32x4.sub(f32x4.mul(best, s), m), g), b);
        const own = f32x4.mul(v128.and(v128.load(at(grad, i)), f32x4.gt(out, zero)), g);
        const d0 = f32x4.relaxed_madd(f32x4.sub(x0, m), k, f32x4.add(o, v128.and(own, is0)));
        const d1 = f32x4.relaxed_madd(f32x4.sub(x1, m), k, f32x4.add(o, v128.and(own, is1)));
        const d2 = f32x4.relaxed_madd(f32x4.sub(x2, m), k, f32x4.add(o, v128.and(own, is2)));
        const d3 = f32x4.relaxed_madd(f32x4.sub(x3, m), k, f32x4.add(o, v128.and(own, is3)));
        const to = at(dx, first + 2 * i), under = at(to, W);
        v128.store(to, v128.shuffle<f32>(d0, d1, 0, 4, 1, 5));
        v128.store(to, v128.shuffle<f32>(d0, d1, 2, 6, 3, 7), 16);
        v128.store(under, v128.shuffle<f32>(d2, d3, 0, 4, 1, 5));
        v128.store(under, v128.shuffle<f32>(d2, d3, 2, 6, 3, 7), 16);
      }
      for (; i < w; i++) {
        const q = at(x, first + 2 * i), to = at(dx, first + 2 * i);
        let winner: usize = 0;
        let best = load<f32>(q) * sign;
        for (let j = 1; j < 4; j++) {
          const step: usize = at((j & 1) << 2, (j >> 1) * W);
          const v = load<f32>(q + step) * sign;
          if (v > best) {
            best = v;
            winner = step;
          }
        }
        const alive = (best * sign - mean) * scale + shift > 0;
        const own: f32 = alive ? load<f32>(at(grad, i)) * scale : 0;
        for (let j = 0; j < 4; j++) {
          const step: usize = at((j & 1) << 2, (j >> 1) * W);
          const share: f32 = step == winner ? own : 0;
          store<f32>(to + step, (load<f32>(q + step) - mean) * slope + offset + share);
        }
      }
      if (W & 1) {
        plain(x, dx, first + W - 1, 1, mean, slope, offset);
        plain(x, dx, first + 2 * W - 1, 1, mean, slope, offset);
      }
    }
    if (H & 1) plain(x, dx, (row * H + H - 1) * W, W, mean, slope, offset);
  }
}

// Inputs outside every window: only the statistics' gradient reaches them.
function plain(x: usize, dx: usize, first: i32, n: i32, mean: f32, slope: f32, offset: f32): void {
  for (let i = first; i < first + n; i++) {
    store<f32>(at(dx, i), (load<f32>(at(x, i)) - mean) * slope + offset);
  }
}
