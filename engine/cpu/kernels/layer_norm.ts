// Layer norm of rows and its gradients.
import { at, float, int, ptr } from "./abi";
import { lanesSum, squaresRun, sumRun } from "./runs";

/** layerNorm: x, gamma, beta, out, mean, rstd; n, eps. Items: rows. */
export function layerNorm(p: usize, start: i32, end: i32): void {
  const gamma = ptr(p, 1), beta = ptr(p, 2), n = int(p, 6), eps = float(p, 7);
  for (let row = start; row < end; row++) {
    const x = at(ptr(p, 0), row * n), out = at(ptr(p, 3), row * n);
    const mean = <f32> (sumRun(x, n) / <f64> n);
    const rstd = <f32> (1.0 / Math.sqrt(squaresRun(x, n, mean) / <f64> n + <f64> eps));
    store<f32>(at(ptr(p, 4), row), mean);
    store<f32>(at(ptr(p, 5), row), rstd);
    const m = f32x4.splat(mean), r = f32x4.splat(rstd);
    let i = 0;
    for (; i + 4 <= n; i += 4) {
      const y = f32x4.mul(f32x4.sub(v128.load(at(x, i)), m), r);
      v128.store(
        at(out, i),
        f32x4.add(f32x4.mul(y, v128.load(at(gamma, i))), v128.load(at(beta, i))),
      );
    }
    for (; i < n; i++) {
      const y = (load<f32>(at(x, i)) - mean) * rstd;
      store<f32>(at(out, i), y * load<f32>(at(gamma, i)) + load<f32>(at(beta, i)));
    }
  }
}

/**
 * layerNormGrad: g, x, gamma, mean, rstd, dx, sums of dγ [chunks, n], sums of dβ [chunks, n]; n, rows,
 * rows a chunk. Items: chunks, each of which adds up its own rows of dγ and dβ.
 */
export function layerNormGrad(p: usize, start: i32, end: i32): void {
  const n = int(p, 8), rows = int(p, 9), size = int(p, 10);
  for (let chunk = start; chunk < end; chunk++) {
    const dGamma = at(ptr(p, 6), chunk * n), dBeta = at(ptr(p, 7), chunk * n);
    memory.fill(dGamma, 0, <usize> n << 2);
    memory.fill(dBeta, 0, <usize> n << 2);
    const stop = min((chunk + 1) * size, rows);
    for (let row = chunk * size; row < stop; row++) gradRow(p, row, n, dGamma, dBeta);
  }
}

// With h = (x − mean) · rstd and e = g · γ: dx = rstd · (e − mean(e) − h · mean(e · h)).
// @inline
function gradRow(p: usize, row: i32, n: i32, dGamma: usize, dBeta: usize): void {
  const g = at(ptr(p, 0), row * n), x = at(ptr(p, 1), row * n), gamma = ptr(p, 2);
  const dx = at(ptr(p, 5), row * n);
  const mean = load<f32>(at(ptr(p, 3), row)), rstd = load<f32>(at(ptr(p, 4), row));
  const m = f32x4.splat(mean), r = f32x4.splat(rstd);
  let sums = f32x4.splat(0), products = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const h = f32x4.mul(f32x4.sub(v128.load(at(x, i)), m), r);
    const v = v128.load(at(g, i));
    const e = f32x4.mul(v, v128.load(at(gamma, i)));
    sums = f32x4.add(sums, e);
    products = f32x4.add(products, f32x4.mul(e, h));
    v128.store(at(dGamma, i), f32x4.add(v128.load(at(dGamma, i)), f32x4.mul(v, h)));
    v128.store(at(dBeta, i), f32x4.add(v128.load(at(dBeta, i)), v));
  }
  let sum = lanesSum(sums), product = lanesSum(products);
  for (; i < n; i++) {
    const h = (load<f32>(at(x, i)) - mean) * rstd, v = load<f32>(at(g, i));
    const e = v * load<f32>(at(gamma, i));
    sum += e;
    product += e * h;
    store<f32>(at(dGamma, i), load<f32>(at(dGamma, i)) + v * h);
    store<f32>(at(dBeta, i), load<f32>(at(dBeta, i)) + v);
  }
  sum /= <f32> n;
  product /= <f32> n;
  const s = f32x4.splat(sum), q = f32x4.splat(product);
  for (i = 0; i + 4 <= n; i += 4) {
    const h = f32x4.mul(f32x4.sub(v128.load(at(x, i)), m), r);
    const e = f32x4.mul(v128.load(at(g, i)), v128.load(at(gamma, i)));
    v128.store(at(dx, i), f32x4.mul(r, f32x4.sub(f32x4.sub(e, s), f32x4.mul(h, q))));
  }
  for (; i < n; i++) {
    const h = (load<f32>(at(x, i)) - mean) * rstd;
    const e = load<f32>(at(g, i)) * load<f32>(at(gamma, i));
    store<f32>(at(dx, i), rstd * (e - sum - h * product));
  }
}
