/** A radix-2 FFT in twenty lines against the definition, the engine and Parseval's theorem. */
import { irfft, openDevice, rfft } from "../../engine/mod.ts";
import { below, distance, fixed } from "./format.ts";

let products = 0;

/** a + b·e^(−2πik/n), as pairs; counts complex products. */
function turned([re, im]: number[], k: number, n: number): number[] {
  products++;
  const c = Math.cos(2 * Math.PI * k / n), s = -Math.sin(2 * Math.PI * k / n);
  return [re * c - im * s, re * s + im * c];
}

/** Σ x[m]·e^(−2πikm/n) for every k, as it stands. */
function dft(x: number[][]): number[][] {
  const n = x.length;
  return x.map((_, k) =>
    x.map((v, m) => turned(v, k * m % n, n)).reduce((a, b) => [a[0] + b[0], a[1] + b[1]])
  );
}

/** Two transforms of half the length, joined by n/2 butterflies. */
function fft(x: number[][]): number[][] {
  const n = x.length;
  if (n === 1) return x;
  const even = fft(x.filter((_, i) => i % 2 === 0));
  const odd = fft(x.filter((_, i) => i % 2 === 1)).map((v, k) => turned(v, k, n));
  return [
    ...even.map(([re, im], k) => [re + odd[k][0], im + odd[k][1]]),
    ...even.map(([re, im], k) => [re - odd[k][0], im - odd[k][1]]),
  ];
}

export async function run(print: (line: string) => void): Promise<void> {
  using device = await openDevice("cpu");
  const n = 256;
  const signal = Array.from(
    { length: n },
    (_, i) => Math.cos(2 * Math.PI * 10 * i / n) + 0.5 * Math.sin(2 * Math.PI * 40 * i / n),
  );
  const pairs = signal.map((v) => [v, 0]);
  const count = <R>(f: () => R): [R, number] => ((products = 0), [f(), products]);
  const [slow, slowProducts] = count(() => dft(pairs));
  const [fast, fastProducts] = count(() => fft(pairs));
  print(`n = ${n}: ${slowProducts} complex products by definition, ${fastProducts} by halving`);
  print(`largest difference between the two: ${below(distance(slow.flat(), fast.flat()), 1e-9)}`);

  const x = device.tensor(signal, [n]);
  const spectrum = rfft(x); // bins 0 … n/2: the others are their mirror
  const bins = await spectrum.data();
  print(`from the engine's rfft: ${below(distance(bins, fast.slice(0, n / 2 + 1).flat()), 1e-3)}`);
  for (const k of [10, 40]) {
    print(`bin ${k}: real ${fixed(bins[2 * k], 1)}, imaginary ${fixed(bins[2 * k + 1], 1)}`);
  }
  const energy = signal.reduce((s, v) => s + v * v, 0);
  const power = fast.reduce((s, [re, im]) => s + re * re + im * im, 0) / n;
  print(`Parseval: Σ x² = ${fixed(energy, 3)}, Σ |X|²/n = ${fixed(power, 3)}`);
  print(`there and back: ${below(distance(await irfft(spectrum).data(), signal), 1e-5)}`);
}
