// Gradient of convolution weights: every weight is a long sum of products of the output's gradient
// with a shifted input. Sums run over 8 neighbouring outputs a vector; a few channels by a few taps
// stay in registers, and lanes are added at the very end.
import { at, int, ptr, threadId } from "./abi";
import { correlate, OUTPUTS, TAPS } from "./correlate";
import { clear, copyPatch, tapTable } from "./patch";

/** Sums of the 8 lanes of four vectors of 8. */
function sumLanes(from: usize): v128 {
  const a = f32x4.add(v128.load(from), v128.load(from, 16));
  const b = f32x4.add(v128.load(from, 32), v128.load(from, 48));
  const c = f32x4.add(v128.load(from, 64), v128.load(from, 80));
  const d = f32x4.add(v128.load(from, 96), v128.load(from, 112));
  const ab = f32x4.add(
    v128.shuffle<f32>(a, b, 0, 4, 1, 5),
    v128.shuffle<f32>(a, b, 2, 6, 3, 7),
  );
  const cd = f32x4.add(
    v128.shuffle<f32>(c, d, 0, 4, 1, 5),
    v128.shuffle<f32>(c, d, 2, 6, 3, 7),
  );
  return f32x4.add(
    v128.shuffle<f32>(ab, cd, 0, 1, 4, 5),
    v128.shuffle<f32>(ab, cd, 2, 3, 6, 7),
  );
}

function sumOf4(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) +
    (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}

/** The first `n` lanes of x, zeros in the others. */
function firstLanes(x: v128, n: i32): v128 {
  if (n >= 4) return x;
  return v128.and(x, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(n)));
}

/** Runs the microkernel on the taps from `table` on; those past the last are the last again. */
function correlateTaps(
  n: i32,
  runs: usize,
  patch: usize,
  table: usize,
  left: i32,
  g: usize,
  zero: usize,
  lanes: usize,
): void {
  const last = left - 1;
  const x0 = patch + <usize> load<u32>(table);
  const x1 = patch + <usize> load<u32>(at(table, min(1, last)));
  correlate(n, runs, x0, x1, g, zero, lanes);
}

/**
 * convWeight: x, gradient of the output, partial sums, scratch; then the words of `ConvPlan` as for
 * `conv`, then blocks of outputs and chunks of tiles. Partial sums are
 * [chunk][weights, then biases]. Items: chunks of all blocks of all groups.
 */
export function convWeight(p: usize, start: i32, end: i32): void {
  const x = ptr(p, 0), g = ptr(p, 1), partial = ptr(p, 2);
  const images = int(p, 4), groups = int(p, 5), channels = int(p, 6), outputs = int(p, 7);
  const height = int(p, 8), width = int(p, 9), high = int(p, 10), wide = int(p, 11);
  const strideY = int(p, 12), strideX = int(p, 13);
  const dilationY = int(p, 14), dilationX = int(p, 15), top = int(p, 16), left = int(p, 17);
  const rows = int(p, 18), columns = int(p, 19);
  const tileImages = int(p, 26), tileRows = int(p, 27), tileColumns = int(p, 28);
  const patchRows = int(p, 29), phaseWidth = int(p, 30);
  const perThread = int(p, 32), patchWords = int(p, 33), maxRuns = int(p, 34);
  const blocks = int(p, 35), chunks = int(p, 36);

  const taps = channels * high * wide;
  const patchPitch = strideX * phaseWidth, imageWords = channels * patchRows * patchPitch;
  const tilesX = (columns + tileColumns - 1) / tileColumns;
  const tilesY = (rows + tileRows - 1) / tileRows;
  const tiles = (images + tileImages - 1) / tileImages * tilesY * tilesX;
  const weightWords = groups * outputs * taps;
  const packs = (outputs + OUTPUTS - 1) / OUTPUTS;

  // Scratch: zeros, lanes of 12 sums, their totals, tap table, sources of runs, patch, gradients.
  const zero = at(ptr(p, 3), threadId * perThread);
  const lanes = at(zero, 16), totals = at(lanes, 96), table = at(totals, 16);
  const runs = at(table, taps), patch = at(runs, maxRuns), grads = at(patch, patchWords);
  clear(zero, 16);
  tapTable(table, channels, high, wide, dilationY, dilationX, patchRows, strideX, phaseWidth);

  for (let item = start; item < end; item++) {
    const chunk = item % chunks, block = item / chunks % blocks, group = item / chunks / blocks;
    const o0 = packs * block / blocks * OUTPUTS;
    const o1 = min(outputs, packs * (block + 1) / blocks * OUTPUTS);
    const sums = at(partial, chunk * (weightWords + groups * outputs));
    const weights = at(sums, (group * outputs + o0) * taps);
    const biases = at(sums, weightWords + group * outputs + o0);
    clear(weights, (o1 - o0) * taps);
    clear(biases, o1 - o0);
    for (let tile = tiles * chunk / chunks; tile < tiles * (chunk + 1) / chunks; tile++) {
      const x0 = tile % tilesX * tileColumns, y0 = tile / tilesX % tilesY * tileRows;
      const image0 = tile / tilesX / tilesY * tileImages;
      const imagesHere = min(tileImages, images - image0);
      const rowsHere = min(tileRows, rows - y0), columnsHere = min(tileColumns, columns - x0);
      const runsRow = (columnsHere + 7) / 8, n = imagesHere * rowsHere * runsRow;
      for (let image = 0; image < imagesHere; image++) {
        const from = ((image0 + image) * groups + group) * channels * height * width;
        copyPatch(
          at(x, from),
          channels,
          height,
          width,
          y0 * strideY - top,
          patchRows,
          x0 * strideX - left,
          strideX,
          phaseWidth,
          at(patch, image * imageWords),
        );
        for (let r = 0; r < rowsHere; r++) {
          for (let c = 0; c < runsRow; c++) {
            const run = (image * rowsHere + r) * runsRow + c;
            store<u32>(at(runs, run), (image * imageWords + r * strideY * patchPitch + c * 8) << 2);
          }
        }
      }
      // What the last run reads past the patch meets zeros, and must not be NaN.
      clear(at(patch, imagesHere * imageWords), 8);
      for (let o = o0; o < o1; o++) {
        // [pack][run][OUTPUTS][8]
        let to = at(grads, ((o - o0) / OUTPUTS * n * OUTPUTS + (o - o0) % OUTPUTS) * 8);
        let total = f32x4.splat(0);
        for (let image = 0; image < imagesHere; image++) {
          const map = ((image0 + image) * groups + group) * outputs + o;
          for (let r = 0; r < rowsHere; r++) {
            const from = at(g, (map * rows + y0 + r) * columns + x0);
            for (let c = 0; c < columnsHere; c += 8) {
              const a = firstLanes(v128.load(at(from, c)), columnsHere - c);
              const b = firstLanes(v128.load(at(from, c), 16), columnsHere - c - 4);
              v128.store(to, a);
              v128.store(to, b, 16);
              total = f32x4.add(total, f32x4.add(a, b));
              to += OUTPUTS * 32;
            }
          }
        }
        const bias = at(biases, o - o0);
        store<f32>(bias, load<f32>(bias) + sumOf4(total));
      }
      for (let o = o0; o < o1; o += OUTPUTS) {
        const pack = at(grads, (o - o0) * n * 8);
        for (let t = 0; t < taps; t += TAPS) {
          correlateTaps(n, runs, patch, at(table, t), taps - t, pack, zero, lanes);
          for (let i = 0; i < OUTPUTS * TAPS; i += 4) {
            v128.store(at(totals, i), sumLanes(at(lanes, i * 8)));
          }
          for (let i = 0; i < min(OUTPUTS, o1 - o); i++) {
            const to = at(weights, (o - o0 + i) * taps + t);
            for (let j = 0; j < min(TAPS, taps - t); j++) {
              store<f32>(at(to, j), load<f32>(at(to, j)) + load<f32>(at(totals, i * TAPS + j)));
            }
          }
        }
      }
    }
  }
}

/** sumChunks: partial sums, out; chunks, words between chunks, first word. Items: elements. */
export function sumChunks(p: usize, start: i32, end: i32): void {
  const partial = ptr(p, 0), out = ptr(p, 1);
  const chunks = int(p, 2), pitch = int(p, 3), first = int(p, 4);
  for (let i = start; i < end; i++) {
    let total: f32 = 0;
    for (let c = 0; c < chunks; c++) total += load<f32>(at(partial, first + c * pitch + i));
    store<f32>(at(out, i), total);
  }
}
