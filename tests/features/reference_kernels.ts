/**
 * The kernels in plain float64 JavaScript: slow, simple, and independent of the engine.
 */
import type { Matrix, SpectralKernels } from "../../features/spectral.ts";

export const referenceKernels: SpectralKernels = {
  input: (length) => new Float32Array(length).fill(NaN), // whoever reads what it did not fill is seen
  rfft(signal, { window, hop }) {
    const size = window.length;
    const spectra = framesOf(signal, size, hop).flatMap((frame) => {
      const { re, im } = fft(Float64Array.from(window, (w, i) => w * frame[i]));
      return Array.from({ length: size + 2 }, (_, i) => (i % 2 === 0 ? re : im)[i >> 1]);
    });
    return Promise.resolve(Float32Array.from(spectra));
  },
  overlapSpectra(spectra, { window, hop }) {
    const n = window.length;
    const bins = n / 2 + 1;
    const frames = spectra.length / (2 * bins);
    const out = new Float64Array((frames - 1) * hop + n);
    for (let f = 0; f < frames; f++) {
      // the inverse is the transform of the conjugate, conjugated, over n: the result is real
      const at = (k: number) => 2 * (f * bins + (k < bins ? k : n - k));
      const re = Float64Array.from({ length: n }, (_, k) => spectra[at(k)]);
      const im = Float64Array.from(
        { length: n },
        (_, k) => k % (n / 2) === 0 ? 0 : (k < bins ? -1 : 1) * spectra[at(k) + 1],
      );
      fft(re, im).re.forEach((x, i) => out[f * hop + i] += window[i] * x / n);
    }
    return Promise.resolve(Float32Array.from(out));
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
  matmul(signal, { values, rows, columns }: Matrix, hop = rows) {
    const frames = framesOf(signal, rows, hop);
    const out = new Float32Array(frames.length * columns);
    const sums = new Float64Array(columns);
    frames.forEach((frame, f) => {
      sums.fill(0);
      for (let k = 0; k < rows; k++) {
        const a = frame[k];
        if (a !== 0) { for (let j = 0; j < columns; j++) sums[j] += a * values[k * columns + j]; }
      }
      out.set(sums, f * columns);
    });
    return Promise.resolve(out);
  },
  [Symbol.dispose]() {},
};

function framesOf(signal: Float32Array, size: number, hop: number): Float32Array[] {
  return Array.from(
    { length: 1 + Math.floor((signal.length - size) / hop) },
    (_, f) => signal.subarray(f * hop, f * hop + size),
  );
}

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
