/**
 * What the JavaScript peers are given, by the names and sizes of our own rows, and how each is timed: as
 * bench/measure.ts does it, two runs to warm up, then the median. Peers run this beside their own file.
 */

const BUDGET = 0.5; // seconds a row
const LEAST_RUNS = 5;
/** Seconds after whose passing in one run the larger works of a group are left out. */
const PATIENCE = 5;

/** Products without transposition: what every peer has. */
export const MATMULS = [
  [256, 256, 256],
  [1024, 1024, 1024],
  [174, 768, 3072],
  [64, 8192, 208],
];

/** 3×3 convolutions with a ring of zeros and bias: channels, outputs, rows and columns, at batch 64. */
export const BATCH = 64;
export const CONVOLUTIONS = [
  [1, 16, 128],
  [16, 32, 64],
  [32, 64, 32],
  [64, 128, 16],
];

/** Numbers spread like normal ones, the same in every run. */
export function numbers(n) {
  const values = new Float32Array(n);
  let state = 1;
  for (let i = 0; i < n; i++) {
    let sum = -2;
    for (let j = 0; j < 4; j++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      sum += state / 2 ** 32;
    }
    values[i] = sum * 1.7320508;
  }
  return values;
}

/** Runs `run` (which resolves when its result is there) and prints the row; seconds of one run. */
export async function printRow({ name, size, device, flops }, run) {
  const began = performance.now();
  await run();
  // What takes seconds is warm after one run, and is not run five times.
  const slow = performance.now() - began > 1000;
  if (!slow) await run();
  const samples = [];
  for (let spent = 0; spent < BUDGET || samples.length < (slow ? 1 : LEAST_RUNS);) {
    const start = performance.now();
    await run();
    const seconds = (performance.now() - start) / 1000;
    samples.push(seconds);
    spent += seconds;
  }
  const seconds = samples.sort((a, b) => a - b)[samples.length >> 1];
  const gflops = flops / seconds / 1e9;
  console.log(JSON.stringify({ name, size, device, variant: "default", seconds, gflops }));
  return seconds;
}

/** Every product and convolution: `matmul(m, k, n, a, b)` and `conv(layer, x, w, bias)` give what to run. */
export async function printAll(device, { matmul, conv }) {
  for (const [m, k, n] of MATMULS) {
    const run = await matmul(m, k, n, numbers(m * k), numbers(k * n));
    await printRow({ name: "matmul", size: `${m}x${k}x${n}`, device, flops: 2 * m * k * n }, run);
  }
  for (const [channels, outputs, side] of CONVOLUTIONS) {
    const area = side * side;
    const x = numbers(BATCH * channels * area), w = numbers(outputs * channels * 9);
    const run = await conv({ channels, outputs, side }, x, w, numbers(outputs));
    const size = `${BATCH}x${channels}x${side}x${side} to ${outputs}`;
    const flops = 2 * BATCH * area * outputs * channels * 9;
    if (await printRow({ name: "conv2d", size, device, flops }, run) <= PATIENCE) continue;
    return console.error(
      `${device}: conv2d ${size} takes too long; the layers after it are left out`,
    );
  }
}
