/**
 * The two kernels in plain float64 JavaScript: slow, simple, and independent of the engine.
 */
import type { Matrix, SpectralKernels } from "../../features/spectral.ts";

export const referenceKernels: SpectralKernels = {
  input: (length) => new Float32Array(length).fill(NaN), // whoever reads what it did not fill is seen
  rfft(rows, window) {
    const size = window.length;
    const bins = size / 2 + 1;
    const out = new Float32Array((rows.length / size) * bins * 2);
    for (let row = 0; row * size < rows.length; row++) {
      const { re, im } = fft(Float64Array.from(window, (w, i) => w * rows[row * size + i]));
      for (let k = 0; k < bins; k++) {
        out[(row * bins + k) * 2] = re[k];
        out[(row * bins + k) * 2 + 1] = im[k];
      }
    }
    return Promise.resolve(out);
  },
  matmul(rows, { values, rows: inner, columns }: Matrix) {
    const count = rows.length / inner;
    const out = new Float32Array(count * columns);
    const sums = new Float64Array(columns);
    for (let i = 0; i < count; i++) {
      sums.fill(0);
      for (let k = 0; k < inner; k++) {
        const a = rows[i * inner + k];
        if (a !== 0) { for (let j = 0; j < columns; j++) sums[j] += a * values[k * columns + j]; }
      }
      out.set(sums, i * columns);
    }
    return Promise.resolve(out);
  },
  [Symbol.dispose]() {},
};

/** Radix-2 with bit reversal; exact twiddles. */
function fft(re: Float64Array): { re: Float64Array; im: Float64Array } {
  const n = re.length;
  const im = new Float64Array(n);
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) [re[i], re[j]] = [re[j], re[i]];
  }
  for (let span = 1; span < n; span *= 2) {
    for (let k = 0; k < span; k++) {
      const wr = Math.cos((Math.PI * k) / span);
      const wi = -Math.sin((Math.PI * k) / span);
      for (let a = k; a < n; a += 2 * span) {
        const b = a + span;
        const tr = re[b] * wr - im[b] * wi;
        const ti = re[b] * wi + im[b] * wr;
        re[b] = re[a] - tr;
        im[b] = im[a] - ti;
        re[a] += tr;
        im[a] += ti;
      }
    }
  }
  return { re, im };
}
