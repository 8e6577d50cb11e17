/**
 * How the JavaScript peers are asked and timed: they get our own rows as a list of names, sizes and variants, and
 * time each as bench/measure.ts does, two runs to warm up, then the median; on a GPU over runs in a row with the
 * queue drained at the end. Peers run this beside their own file.
 */
import process from "node:process";

const BUDGET = 0.5; // seconds a row
const LEAST_RUNS = 5;
/** Seconds after whose passing in one run the works after it are left out. */
const PATIENCE = 5;
/** Seconds that a series of runs on a GPU fills. */
const LEAST_SAMPLE = 0.1;
const MOST_IN_A_ROW = 512;

/** `node FILE THREADS WORKS`. */
export const threads = Number(process.argv[2]);
const works = JSON.parse(process.argv[3]);

/** Numbers spread like normal ones, the same in every run. */
function numbers(n) {
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

/** Seconds of one of `runs` runs in a row; `drain` resolves when all of them are done. */
async function timed(run, runs, drain) {
  const start = performance.now();
  for (let i = 0; i < runs; i++) await run();
  await drain?.();
  return (performance.now() - start) / 1000 / runs;
}

/** Median seconds of one run. */
async function medianSeconds(run, drain) {
  // What takes seconds is warm after one run, and is not run five times.
  const slow = await timed(run, 1, drain) > 1;
  if (!slow) await timed(run, 1, drain);
  let runs = 1;
  if (drain && !slow) {
    while (runs < MOST_IN_A_ROW && runs * await timed(run, runs, drain) < LEAST_SAMPLE) runs *= 2;
  }
  const samples = [];
  for (let spent = 0; spent < BUDGET || samples.length < (slow ? 1 : LEAST_RUNS);) {
    const seconds = await timed(run, runs, drain);
    samples.push(seconds);
    spent += seconds * runs;
  }
  return samples.sort((a, b) => a - b)[samples.length >> 1];
}

/** What to run for the work, and its operations. */
async function prepare({ name, size, variant }, { matmul, conv }) {
  const dims = size.split(/x| to /).map(Number);
  if (name === "matmul") {
    const [m, k, n] = dims;
    const product = { m, k, n, transposeA: variant === "AT", transposeB: variant === "BT" };
    return { run: await matmul(product, numbers(m * k), numbers(k * n)), flops: 2 * m * k * n };
  }
  const [batch, channels, height, width, outputs] = dims;
  const layer = { batch, channels, height, width, outputs };
  const area = height * width;
  const x = numbers(batch * channels * area), w = numbers(outputs * channels * 9);
  return {
    run: await conv(layer, x, w, numbers(outputs)),
    flops: 2 * batch * area * outputs * channels * 9,
  };
}

/**
 * Prints a row for every work asked for. `matmul(product, a, b)` and `conv(layer, x, w, bias)`, 3×3 taps with a
 * ring of zeros, give what to run: it resolves when its result is there, or, with `drain`, when it is recorded.
 */
export async function printAll(device, { drain, ...peer }) {
  for (const work of works) {
    const { run, flops } = await prepare(work, peer);
    const seconds = await medianSeconds(run, drain);
    console.log(JSON.stringify({ ...work, device, seconds, gflops: flops / seconds / 1e9 }));
    if (seconds <= PATIENCE) continue;
    const { name, size } = work;
    console.error(`${device}: ${name} ${size} takes too long; the works after it are left out`);
    return;
  }
}
