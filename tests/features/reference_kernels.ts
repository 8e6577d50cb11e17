/**
 * The kernels in plain float64 JavaScript: slow, simple, and independent of the engine.
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
  irfft(rows, n) {
    const bins = n / 2 + 1;
    const out = new Float32Array((rows.length / (2 * bins)) * n);
    for (let from = 0, to = 0; from < rows.length; from += 2 * bins, to += n) {
      // the inverse is the transform of the conjugate, conjugated, over n: the result is real
      const half = (k: number) => k < bins ? k : n - k;
      const re = Float64Array.from({ length: n }, (_, k) => rows[from + 2 * half(k)]);
      const im = Float64Array.from(
        { length: n },
        (_, k) => k === 0 || k === n / 2 ? 0 : (k < bins ? -1 : 1) * rows[from + 2 * half(k) + 1],
      );
      out.set(fft(re, im).re.map((x) => x / n), to);
    }
    return Promise.resolve(out);
  },
  median(rows, { columns, width, axis }) {
    const sizes = [rows.length / columns, columns];
    const mirrored = (i: number, n: number): number =>
      i < 0 ? mirrored(-1 - i, n) : i >= n ? mirrored(2 * n - 1 - i, n) : i;
    const out = rows.map((_, i) => {
      const place = [Math.floor(i / columns), i % columns];
      const window = Float32Array.from({ length: width }, (_, k) => {
        const at = place.with(axis, mirrored(place[axis] + k - (width - 1) / 2, sizes[axis]));
        return rows[at[0] * columns + at[1]];
      });
      return window.sort()[(width - 1) / 2];
    });
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
function fft(
  re: Float64Array,
  im = new Float64Array(re.length),
): { re: Float64Array; im: Float64Array } {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
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
