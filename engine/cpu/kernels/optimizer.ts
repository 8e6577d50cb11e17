// Updates of trained tensors in place, and the norm their gradients are clipped by. Multiplies and
// adds are not fused, so an element's bits do not depend on where a chunk or vector ends.
import { at, float, int, ptr } from "./abi";

/** As a scale of gradients: the step is to be skipped. */
// @inline
function skips(scale: usize): bool {
  return load<f32>(scale) < 0;
}

// Each formula on four lanes; a chunk's rest runs through a zero-padded vector of its own.
// @inline
function rest(base: usize, n: i32): v128 {
  let v = f32x4.splat(load<f32>(base));
  if (n > 1) v = f32x4.replace_lane(v, 1, load<f32>(base, 4));
  if (n > 2) v = f32x4.replace_lane(v, 2, load<f32>(base, 8));
  return v;
}

// @inline
function storeRest(base: usize, v: v128, n: i32): void {
  store<f32>(base, f32x4.extract_lane(v, 0));
  if (n > 1) store<f32>(base, f32x4.extract_lane(v, 1), 4);
  if (n > 2) store<f32>(base, f32x4.extract_lane(v, 2), 8);
}

// @inline
function scaled(g: v128, scale: v128, w: v128, decay: v128): v128 {
  return f32x4.add(f32x4.mul(g, scale), f32x4.mul(w, decay));
}

// @inline
function madd(a: v128, x: v128, b: v128, y: v128): v128 {
  return f32x4.add(f32x4.mul(a, x), f32x4.mul(b, y));
}

/**
 * sgd: w, grad, scale, velocity (unread where momentum is 0); rate, decay, momentum, weight of the
 * gradient in the velocity, nesterov. Items: elements.
 */
export function sgd(p: usize, start: i32, end: i32): void {
  if (skips(ptr(p, 2))) return;
  const w = ptr(p, 0), grad = ptr(p, 1), velocity = ptr(p, 3);
  const scale = v128.load32_splat(ptr(p, 2));
  const rate = f32x4.splat(float(p, 4)), decay = f32x4.splat(float(p, 5));
  const momentum = float(p, 6), nesterov = int(p, 8);
  const mu = f32x4.splat(momentum), weight = f32x4.splat(float(p, 7));
  let i = start;
  if (momentum == 0) {
    for (; i + 4 <= end; i += 4) {
      const a = v128.load(at(w, i));
      const g = scaled(v128.load(at(grad, i)), scale, a, decay);
      v128.store(at(w, i), f32x4.sub(a, f32x4.mul(rate, g)));
    }
    if (i < end) {
      const a = rest(at(w, i), end - i);
      const g = scaled(rest(at(grad, i), end - i), scale, a, decay);
      storeRest(at(w, i), f32x4.sub(a, f32x4.mul(rate, g)), end - i);
    }
    return;
  }
  for (; i + 4 <= end; i += 4) {
    const a = v128.load(at(w, i));
    const g = scaled(v128.load(at(grad, i)), scale, a, decay);
    const u = madd(mu, v128.load(at(velocity, i)), weight, g);
    v128.store(at(velocity, i), u);
    const d = nesterov ? f32x4.add(g, f32x4.mul(mu, u)) : u;
    v128.store(at(w, i), f32x4.sub(a, f32x4.mul(rate, d)));
  }
  if (i < end) {
    const n = end - i, a = rest(at(w, i), n);
    const g = scaled(rest(at(grad, i), n), scale, a, decay);
    const u = madd(mu, rest(at(velocity, i), n), weight, g);
    storeRest(at(velocity, i), u, n);
    const d = nesterov ? f32x4.add(g, f32x4.mul(mu, u)) : u;
    storeRest(at(w, i), f32x4.sub(a, f32x4.mul(rate, d)), n);
  }
}

/** (1 − βᵃ) / (1 − βᵇ) of the logarithm of β. */
function growth(log: f64, a: f64, b: f64): f64 {
  return Math.expm1(log * a) / Math.expm1(log * b);
}

// @inline
function adamStep(
  w: v128,
  m: v128,
  v: v128,
  shrink: v128,
  size: v128,
  root: v128,
  eps: v128,
): v128 {
  const below = f32x4.add(f32x4.mul(f32x4.sqrt(v), root), eps);
  return f32x4.sub(f32x4.mul(w, shrink), f32x4.div(f32x4.mul(size, m), below));
}

/**
 * adam: w, grad, scale, m, v; step size rate / (1 − β1ᵗ), 1 / √(1 − β2ᵗ), eps, 1 − β1, β2, 1 − β2,
 * decay added to the gradient, factor on w; steps, ln β1, ln β2. Items: elements. Steps above 0 are
 * those asked for, of which scale[2] were skipped: the corrections then count the others alone.
 */
export function adam(p: usize, start: i32, end: i32): void {
  if (skips(ptr(p, 2))) return;
  const w = ptr(p, 0), grad = ptr(p, 1), first = ptr(p, 3), second = ptr(p, 4);
  const scale = v128.load32_splat(ptr(p, 2));
  let rate = float(p, 5), lift = float(p, 6);
  const steps = int(p, 13);
  if (steps > 0 && load<f32>(ptr(p, 2), 8) > 0) {
    const taken = Math.max(1, <f64> steps - <f64> load<f32>(ptr(p, 2), 8));
    rate *= <f32> growth(float(p, 14), steps, taken);
    lift *= <f32> Math.sqrt(growth(float(p, 15), steps, taken));
  }
  const size = f32x4.splat(rate), root = f32x4.splat(lift);
  const eps = f32x4.splat(float(p, 7)), part = f32x4.splat(float(p, 8));
  const beta = f32x4.splat(float(p, 9)), fresh = f32x4.splat(float(p, 10));
  const decay = f32x4.splat(float(p, 11)), shrink = f32x4.splat(float(p, 12));
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const a = v128.load(at(w, i)), m0 = v128.load(at(first, i)), v0 = v128.load(at(second, i));
    const g = scaled(v128.load(at(grad, i)), scale, a, decay);
    const m = f32x4.add(m0, f32x4.mul(part, f32x4.sub(g, m0)));
    const v = madd(beta, v0, fresh, f32x4.mul(g, g));
    v128.store(at(first, i), m);
    v128.store(at(second, i), v);
    v128.store(at(w, i), adamStep(a, m, v, shrink, size, root, eps));
  }
  if (i < end) {
    const n = end - i;
    const a = rest(at(w, i), n), m0 = rest(at(first, i), n), v0 = rest(at(second, i), n);
    const g = scaled(rest(at(grad, i), n), scale, a, decay);
    const m = f32x4.add(m0, f32x4.mul(part, f32x4.sub(g, m0)));
    const v = madd(beta, v0, fresh, f32x4.mul(g, g));
    storeRest(at(first, i), m, n);
    storeRest(at(second, i), v, n);
    storeRest(at(w, i), adamStep(a, m, v, shrink, size, root, eps), n);
  }
}

/** sumSquares: x, partial (f64); elements, elements a chunk, first slot. Items: chunks. */
export function sumSquares(p: usize, start: i32, end: i32): void {
  const x = ptr(p, 0), n = int(p, 2), chunk = int(p, 3);
  const partial = ptr(p, 1) + (<usize> int(p, 4) << 3);
  for (let k = start; k < end; k++) {
    const last = min(n, (k + 1) * chunk);
    let s0 = f64x2.splat(0), s1 = s0;
    let i = k * chunk;
    for (; i + 4 <= last; i += 4) {
      const v = v128.load(at(x, i));
      const a = f64x2.promote_low_f32x4(v);
      const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
      s0 = f64x2.add(s0, f64x2.mul(a, a));
      s1 = f64x2.add(s1, f64x2.mul(b, b));
    }
    const s = f64x2.add(s0, s1);
    let total = f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
    for (; i < last; i++) {
      const v: f64 = load<f32>(at(x, i));
      total += v * v;
    }
    store<f64>(partial + (<usize> k << 3), total);
  }
}

/** clipScale: partial (f64), out [2] (scale, norm); slots, maxNorm. Items: 1. */
export function clipScale(p: usize, _start: i32, _end: i32): void {
  const partial = ptr(p, 0), out = ptr(p, 1), slots = int(p, 2), limit = float(p, 3);
  let total: f64 = 0;
  for (let k = 0; k < slots; k++) total += load<f64>(partial + (<usize> k << 3));
  const norm = Math.sqrt(total);
  const scale = limit / (norm + 1e-6);
  store<f32>(out, <f32> (scale > 1 ? 1 : scale)); // NaN stays NaN
  store<f32>(out, <f32> norm, 4);
}

/**
 * lossScale: scale [1], counts [2], norms [networks, 2] of which the second is the norm, out
 * [networks, 3]; networks, interval, whether to clip, the norm to clip at. Items: 1.
 */
export function lossScale(p: usize, _start: i32, _end: i32): void {
  const state = ptr(p, 0), counts = ptr(p, 1), norms = ptr(p, 2), out = ptr(p, 3);
  const networks = int(p, 4), interval = <f32> int(p, 5), clip = int(p, 6), most = float(p, 7);
  const scale = load<f32>(state);
  let finite = true;
  for (let i = 0; i < networks; i++) finite = finite && isFinite(load<f32>(at(norms, 2 * i + 1)));
  let good = load<f32>(counts), skipped = load<f32>(counts, 4);
  let next = scale;
  if (finite) {
    if (++good >= interval) {
      next = min<f32>(scale * 2, 16777216);
      good = 0;
    }
  } else {
    next = max<f32>(scale / 2, 1 / <f32> 16777216);
    good = 0;
    skipped++;
  }
  for (let i = 0; i < networks; i++) {
    const norm = load<f32>(at(norms, 2 * i + 1)) / scale;
    let factor: f32 = 1;
    if (clip) factor = min<f32>(1, most / (norm + 1e-6));
    store<f32>(at(out, 3 * i), finite ? factor / scale : -1);
    store<f32>(at(out, 3 * i + 1), norm);
    store<f32>(at(out, 3 * i + 2), skipped);
  }
  store<f32>(state, next);
  store<f32>(counts, good);
  store<f32>(counts, skipped, 4);
}
