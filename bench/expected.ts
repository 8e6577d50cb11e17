/**
 * What is right, in float64: element `i` of the result of a kernel, from its inputs' values and its sizes. The
 * bench's rows, the ladders and the tuner are all held against these.
 */

/** Values of the inputs, in order. */
export type Values = readonly ArrayLike<number>[];

/** Element `i` of the result of a problem of sizes `dims`. */
export type Expected = (inputs: Values, dims: readonly number[], i: number) => number;

/** [M, K] × [K, N]. */
export const matmulAt: Expected = ([a, b], [, k, n], i) => {
  const row = Math.floor(i / n), column = i % n;
  let total = 0;
  for (let j = 0; j < k; j++) total += a[row * k + j] * b[j * n + column];
  return total;
};

/** [N, C, H, W] and [O, C, 3, 3] with bias [O], a ring of zeros around: [N, O, H, W]. */
export const convAt: Expected = ([x, w, bias], [, channels, height, width, outputs], i) => {
  const column = i % width, row = Math.floor(i / width) % height;
  const map = Math.floor(i / width / height);
  const output = map % outputs, image = Math.floor(map / outputs);
  let total = bias[output];
  for (let tap = 0; tap < channels * 9; tap++) {
    const y = row + Math.floor(tap / 3) % 3 - 1, z = column + tap % 3 - 1;
    if (y < 0 || y >= height || z < 0 || z >= width) continue;
    const plane = image * channels + Math.floor(tap / 9);
    total += x[(plane * height + y) * width + z] * w[output * channels * 9 + tap];
  }
  return total;
};

/** Its gradient by the weights, of [N, C, H, W] and [N, O, H, W]: [O, C, 3, 3]. */
export const convWeightAt: Expected = ([x, g], [batch, channels, height, width, outputs], i) => {
  const dy = Math.floor(i / 3) % 3 - 1, dz = i % 3 - 1;
  const channel = Math.floor(i / 9) % channels, o = Math.floor(i / 9 / channels);
  let total = 0;
  for (let image = 0; image < batch; image++) {
    const plane = (image * channels + channel) * height * width;
    const map = (image * outputs + o) * height * width;
    for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y++) {
      for (let z = Math.max(0, -dz); z < Math.min(width, width - dz); z++) {
        total += g[map + y * width + z] * x[plane + (y + dy) * width + z + dz];
      }
    }
  }
  return total;
};

/** Its gradient by the input, of [N, O, H, W] and [O, C, 3, 3]: [N, C, H, W]. */
export const convInputAt: Expected = ([g, w], [, channels, height, width, outputs], i) => {
  const column = i % width, row = Math.floor(i / width) % height;
  const map = Math.floor(i / width / height);
  const channel = map % channels, image = Math.floor(map / channels);
  let total = 0;
  for (let o = 0; o < outputs; o++) {
    for (let tap = 0; tap < 9; tap++) {
      const y = row - Math.floor(tap / 3) + 1, z = column - tap % 3 + 1;
      if (y < 0 || y >= height || z < 0 || z >= width) continue;
      total += g[((image * outputs + o) * height + y) * width + z] *
        w[(o * channels + channel) * 9 + tap];
    }
  }
  return total;
};

/** softmax(q kᵀ / √D) v of every head, all of [B, T, heads · D]; dims are B, T, heads and D. */
export const attentionAt: Expected = ([q, k, v], [, T, heads, D], i) => {
  const d = i % D, head = Math.floor(i / D) % heads, query = Math.floor(i / D / heads) % T;
  const clip = Math.floor(i / D / heads / T);
  const row = (t: number) => ((clip * T + t) * heads + head) * D;
  const scores = Array.from({ length: T }, (_, key) => {
    let dot = 0;
    for (let e = 0; e < D; e++) dot += q[row(query) + e] * k[row(key) + e];
    return dot / Math.sqrt(D);
  });
  const largest = Math.max(...scores);
  let total = 0, mixed = 0;
  scores.forEach((score, key) => {
    const weight = Math.exp(score - largest);
    total += weight;
    mixed += weight * v[row(key) + d];
  });
  return mixed / total;
};

/** Real FFTs of [BATCH, N]: [BATCH, N/2 + 1, 2]. */
export const rfftAt: Expected = ([x], [, n], i) => {
  const k = Math.floor(i / 2) % (n / 2 + 1), from = Math.floor(i / (n + 2)) * n;
  let total = 0;
  for (let j = 0; j < n; j++) {
    const angle = 2 * Math.PI * (j * k % n) / n;
    total += x[from + j] * (i % 2 === 0 ? Math.cos(angle) : -Math.sin(angle));
  }
  return total;
};

/** Signals of spectra, its inverse: [BATCH, N/2 + 1, 2] to [BATCH, N]. */
export const irfftAt: Expected = ([spectrum], [, n], i) => {
  const j = i % n, from = Math.floor(i / n) * (n + 2);
  let total = spectrum[from] + (j % 2 === 0 ? 1 : -1) * spectrum[from + n];
  for (let k = 1; k < n / 2; k++) {
    const angle = 2 * Math.PI * (j * k % n) / n;
    const [real, imaginary] = [spectrum[from + 2 * k], spectrum[from + 2 * k + 1]];
    total += 2 * (real * Math.cos(angle) - imaginary * Math.sin(angle));
  }
  return total / n;
};

/** Of rows of [ROWS, N]. */
export const softmaxAt: Expected = ([x], [, n], i) => {
  const from = Math.floor(i / n) * n;
  return softmaxOf(x, from, n)[i - from];
};

/** Of the `n` values from `from` on. */
export function softmaxOf(x: ArrayLike<number>, from: number, n: number): Float64Array {
  let largest = -Infinity, total = 0;
  for (let j = 0; j < n; j++) largest = Math.max(largest, x[from + j]);
  const shares = new Float64Array(n);
  for (let j = 0; j < n; j++) total += shares[j] = Math.exp(x[from + j] - largest);
  return shares.map((share) => share / total);
}

/** Φ, the normal distribution's share below x: by its series where that ends soon, else by a continued fraction. */
export function normalCdf(x: number): number {
  const a = Math.abs(x), density = Math.exp(-a * a / 2) / Math.sqrt(2 * Math.PI);
  let tail: number;
  if (a < 3) {
    let term = a, total = a;
    for (let k = 1; term > 1e-17 * total; k++) total += term *= a * a / (2 * k + 1);
    tail = 0.5 - total * density;
  } else {
    let fraction = a;
    for (let k = 100; k > 0; k--) fraction = a + k / fraction;
    tail = density / fraction;
  }
  return x > 0 ? 1 - tail : tail;
}
