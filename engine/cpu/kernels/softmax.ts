// Softmax, log-softmax, their gradients, and cross-entropy, a row at a time. Every row is shifted by its
// maximum first. Items: rows.
import { at, float, int, ptr } from "./abi";
import { exp4 } from "./math";
import { argmaxOf, exp1, lanesSum, log1, maxRun, sumRun } from "./runs";

/** Writes exp(x − shift) to `out` and gives their sum. */
function expRun(x: usize, out: usize, n: i32, shift: f32): f32 {
  const s = f32x4.splat(shift);
  let sums = f32x4.splat(0), more = f32x4.splat(0);
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    const u = v128.load(at(x, i)), v = v128.load(at(x, i), 16);
    const y = exp4(f32x4.sub(u, s)), z = exp4(f32x4.sub(v, s));
    v128.store(at(out, i), y);
    v128.store(at(out, i), z, 16);
    sums = f32x4.add(sums, y);
    more = f32x4.add(more, z);
  }
  let total = lanesSum(f32x4.add(sums, more));
  for (; i < n; i++) {
    const y = exp1(load<f32>(at(x, i)) - shift);
    store<f32>(at(out, i), y);
    total += y;
  }
  return total;
}

/** Sum of exp(x − shift). */
function expSum(x: usize, n: i32, shift: f32): f32 {
  const s = f32x4.splat(shift);
  let sums = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) sums = f32x4.add(sums, exp4(f32x4.sub(v128.load(at(x, i)), s)));
  let total = lanesSum(sums);
  for (; i < n; i++) total += exp1(load<f32>(at(x, i)) - shift);
  return total;
}

/** Multiplies a run in place. */
function scaleRun(x: usize, n: i32, factor: f32): void {
  const s = f32x4.splat(factor);
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    const u = v128.load(at(x, i)), v = v128.load(at(x, i), 16);
    v128.store(at(x, i), f32x4.mul(u, s));
    v128.store(at(x, i), f32x4.mul(v, s), 16);
  }
  for (; i < n; i++) store<f32>(at(x, i), load<f32>(at(x, i)) * factor);
}

/** softmax: x, out; n. */
export function softmax(p: usize, start: i32, end: i32): void {
  const n = int(p, 2);
  for (let row = start; row < end; row++) {
    const x = at(ptr(p, 0), row * n), out = at(ptr(p, 1), row * n);
    const factor: f32 = 1 / expRun(x, out, n, maxRun(x, n));
    scaleRun(out, n, factor);
  }
}

/** logSoftmax: x, out; n. */
export function logSoftmax(p: usize, start: i32, end: i32): void {
  const n = int(p, 2);
  for (let row = start; row < end; row++) {
    const x = at(ptr(p, 0), row * n), out = at(ptr(p, 1), row * n);
    const shift = maxRun(x, n), log = log1(expSum(x, n, shift));
    for (let i = 0; i < n; i++) store<f32>(at(out, i), load<f32>(at(x, i)) - shift - log);
  }
}

/** softmaxGrad: g, y, out; n. y · (g − Σ g·y). */
export function softmaxGrad(p: usize, start: i32, end: i32): void {
  const n = int(p, 3);
  for (let row = start; row < end; row++) {
    const g = at(ptr(p, 0), row * n), y = at(ptr(p, 1), row * n), out = at(ptr(p, 2), row * n);
    let dot: f64 = 0;
    for (let i = 0; i < n; i++) dot += <f64> load<f32>(at(g, i)) * <f64> load<f32>(at(y, i));
    const d = <f32> dot;
    for (let i = 0; i < n; i++) {
      store<f32>(at(out, i), load<f32>(at(y, i)) * (load<f32>(at(g, i)) - d));
    }
  }
}

/** logSoftmaxGrad: g, y, out; n. g − eʸ Σ g. */
export function logSoftmaxGrad(p: usize, start: i32, end: i32): void {
  const n = int(p, 3);
  for (let row = start; row < end; row++) {
    const g = at(ptr(p, 0), row * n), y = at(ptr(p, 1), row * n), out = at(ptr(p, 2), row * n);
    const total = <f32> sumRun(g, n);
    for (let i = 0; i < n; i++) {
      store<f32>(at(out, i), load<f32>(at(g, i)) - exp1(load<f32>(at(y, i))) * total);
    }
  }
}

/** crossEntropy: logits, labels, losses; n, smoothing. A label outside 0…n−1 gives NaN. */
export function crossEntropy(p: usize, start: i32, end: i32): void {
  const losses = ptr(p, 2), n = int(p, 3), smoothing = float(p, 4);
  for (let row = start; row < end; row++) {
    const x = at(ptr(p, 0), row * n), label = load<i32>(at(ptr(p, 1), row));
    if (<u32> label >= <u32> n) {
      store<f32>(at(losses, row), NaN);
      continue;
    }
    const shift = maxRun(x, n);
    let loss = log1(expSum(x, n, shift)) - (1 - smoothing) * (load<f32>(at(x, label)) - shift);
    if (smoothing != 0) {
      loss -= smoothing * <f32> (sumRun(x, n) / <f64> n - <f64> shift);
    }
    store<f32>(at(losses, row), loss);
  }
}

/** crossEntropyGrad: g, logits, labels, out; n, rows, smoothing. g/rows · (softmax − target). */
export function crossEntropyGrad(p: usize, start: i32, end: i32): void {
  const n = int(p, 4), smoothing = float(p, 6);
  const scale = load<f32>(ptr(p, 0)) / <f32> int(p, 5);
  const off = smoothing / <f32> n;
  for (let row = start; row < end; row++) {
    const x = at(ptr(p, 1), row * n), out = at(ptr(p, 3), row * n);
    const label = load<i32>(at(ptr(p, 2), row));
    const factor: f32 = <u32> label < <u32> n ? 1 / expRun(x, out, n, maxRun(x, n)) : NaN;
    for (let i = 0; i < n; i++) {
      const target = off + (i == label ? 1 - smoothing : 0);
      store<f32>(at(out, i), scale * (load<f32>(at(out, i)) * factor - target));
    }
  }
}

/** isCorrect: logits, labels, out; n. 1 where the first largest logit is the label's, else 0. */
export function isCorrect(p: usize, start: i32, end: i32): void {
  const n = int(p, 3);
  for (let row = start; row < end; row++) {
    const guess = argmaxOf(at(ptr(p, 0), row * n), n, 1);
    store<f32>(at(ptr(p, 2), row), guess == load<i32>(at(ptr(p, 1), row)) ? 1 : 0);
  }
}
