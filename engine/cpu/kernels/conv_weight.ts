// Gradient of convolution weights: every weight is a long sum of products of the output's gradient
// with a shifted input. Sums run over 8 neighbouring outputs a vector; 4 outputs' channels by 3 taps
// stay in registers, and lanes are added at the very end.
import { at, int, ptr, threadId } from "./abi";
import { clear, copyOver, copyPatch, tapTable } from "./patch";

/**
 * out[o][t] = Σᵢ g_o[8i … 8i+7] · x_t[table[i] …] for i < n, 8 lanes each (o < 4, t < 3). `zero`
 * points at 32 bytes of zeros. The form is the revectorizer's, as in tile.ts.
 */
function correlate4x3(
  n: i32,
  table: usize,
  x0: usize,
  x1: usize,
  x2: usize,
  g0: usize,
  g1: usize,
  g2: usize,
  g3: usize,
  zero: usize,
  out: usize,
): void {
  let c00a = v128.load(zero);
  let c00b = v128.load(zero, 16);
  let c01a = v128.load(zero);
  let c01b = v128.load(zero, 16);
  let c02a = v128.load(zero);
  let c02b = v128.load(zero, 16);
  let c10a = v128.load(zero);
  let c10b = v128.load(zero, 16);
  let c11a = v128.load(zero);
  let c11b = v128.load(zero, 16);
  let c12a = v128.load(zero);
  let c12b = v128.load(zero, 16);
  let c20a = v128.load(zero);
  let c20b = v128.load(zero, 16);
  let c21a = v128.load(zero);
  let c21b = v128.load(zero, 16);
  let c22a = v128.load(zero);
  let c22b = v128.load(zero, 16);
  let c30a = v128.load(zero);
  let c30b = v128.load(zero, 16);
  let c31a = v128.load(zero);
  let c31b = v128.load(zero, 16);
  let c32a = v128.load(zero);
  let c32b = v128.load(zero, 16);
  for (let i = 0; i < n; i++) {
    const offset = <usize> load<u32>(table);
    table += 4;
    const p0 = x0 + offset;
    const x0a = v128.load(p0);
    const x0b = v128.load(p0, 16);
    const p1 = x1 + offset;
    const x1a = v128.load(p1);
    const x1b = v128.load(p1, 16);
    const p2 = x2 + offset;
    const x2a = v128.load(p2);
    const x2b = v128.load(p2, 16);
    const g0a = v128.load(g0);
    const g0b = v128.load(g0, 16);
    c00a = f32x4.relaxed_madd(g0a, x0a, c00a);
    c00b = f32x4.relaxed_madd(g0b, x0b, c00b);
    c01a = f32x4.relaxed_madd(g0a, x1a, c01a);
    c01b = f32x4.relaxed_madd(g0b, x1b, c01b);
    c02a = f32x4.relaxed_madd(g0a, x2a, c02a);
    c02b = f32x4.relaxed_madd(g0b, x2b, c02b);
    g0 += 32;
    const g1a = v128.load(g1);
    const g1b = v128.load(g1, 16);
    c10a = f32x4.relaxed_madd(g1a, x0a, c10a);
    c10b = f32x4.relaxed_madd(g1b, x0b, c10b);
    c11a = f32x4.relaxed_madd(g1a, x1a, c11a);
    c11b = f32x4.relaxed_madd(g1b, x1b, c11b);
    c12a = f32x4.relaxed_madd(g1a, x2a, c12a);
    c12b = f32x4.relaxed_madd(g1b, x2b, c12b);
    g1 += 32;
    const g2a = v128.load(g2);
    const g2b = v128.load(g2, 16);
    c20a = f32x4.relaxed_madd(g2a, x0a, c20a);
    c20b = f32x4.relaxed_madd(g2b, x0b, c20b);
    c21a = f32x4.relaxed_madd(g2a, x1a, c21a);
    c21b = f32x4.relaxed_madd(g2b, x1b, c21b);
    c22a = f32x4.relaxed_madd(g2a, x2a, c22a);
    c22b = f32x4.relaxed_madd(g2b, x2b, c22b);
    g2 += 32;
    const g3a = v128.load(g3);
    const g3b = v128.load(g3, 16);
    c30a = f32x4.relaxed_madd(g3a, x0a, c30a);
    c30b = f32x4.relaxed_madd(g3b, x0b, c30b);
    c31a = f32x4.relaxed_madd(g3a, x1a, c31a);
    c31b = f32x4.relaxed_madd(g3b, x1b, c31b);
    c32a = f32x4.relaxed_madd(g3a, x2a, c32a);
    c32b = f32x4.relaxed_madd(g3b, x2b, c32b);
    g3 += 32;
  }
  v128.store(out, c00a);
  v128.store(out, c00b, 16);
  v128.store(out, c01a, 32);
  v128.store(out, c01b, 48);
  v128.store(out, c02a, 64);
  v128.store(out, c02b, 80);
  v128.store(out, c10a, 96);
  v128.store(out, c10b, 112);
  v128.store(out, c11a, 128);
  v128.store(out, c11b, 144);
  v128.store(out, c12a, 160);
  v128.store(out, c12b, 176);
  v128.store(out, c20a, 192);
  v128.store(out, c20b, 208);
  v128.store(out, c21a, 224);
  v128.store(out, c21b, 240);
  v128.store(out, c22a, 256);
  v128.store(out, c22b, 272);
  v128.store(out, c30a, 288);
  v128.store(out, c30b, 304);
  v128.store(out, c31a, 320);
  v128.store(out, c31b, 336);
  v128.store(out, c32a, 352);
  v128.store(out, c32b, 368);
}

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

/** Adds the sum of `n` runs of 8 floats to `*total`. */
function addSum(from: usize, n: i32, total: usize): void {
  let s = f32x4.splat(0);
  for (let i = 0; i < n; i++) {
    s = f32x4.add(s, f32x4.add(v128.load(from), v128.load(from, 16)));
    from += 32;
  }
  const pairs = f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) +
    (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));
  store<f32>(total, load<f32>(total) + pairs);
}

/**
 * convWeight: x, gradient of the output, partial sums, scratch; then the words of `ConvPlan` as for
 * `conv`, then blocks of outputs, chunks of tiles, most outputs a block. Partial sums are
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
  const fours = (outputs + 3) / 4;

  // Scratch: zeros, lanes of 12 sums, their totals, tap table, sources of runs, patch, gradients.
  const zero = at(ptr(p, 3), threadId * perThread);
  const lanes = at(zero, 16), totals = at(lanes, 96), table = at(totals, 16);
  const runs = at(table, taps), patch = at(runs, maxRuns), grads = at(patch, patchWords);
  clear(zero, 16);
  tapTable(table, channels, high, wide, dilationY, dilationX, patchRows, strideX, phaseWidth);

  for (let item = start; item < end; item++) {
    const chunk = item % chunks, block = item / chunks % blocks, group = item / chunks / blocks;
    const o0 = fours * block / blocks * 4, o1 = min(outputs, fours * (block + 1) / blocks * 4);
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
        const to = at(grads, (o - o0) * n * 8);
        let row = to;
        for (let image = 0; image < imagesHere; image++) {
          const map = ((image0 + image) * groups + group) * outputs + o;
          for (let r = 0; r < rowsHere; r++) {
            copyOver(at(g, (map * rows + y0 + r) * columns + x0), row, columnsHere);
            clear(at(row, columnsHere), runsRow * 8 - columnsHere);
            row = at(row, runsRow * 8);
          }
        }
        addSum(to, n, at(biases, o - o0));
      }
      for (let o = o0; o < o1; o += 4) {
        // Outputs and taps past the last are computed from the last and thrown away.
        const last = o1 - 1 - o0;
        const g0 = at(grads, (o - o0) * n * 8);
        const g1 = at(grads, min(o - o0 + 1, last) * n * 8);
        const g2 = at(grads, min(o - o0 + 2, last) * n * 8);
        const g3 = at(grads, min(o - o0 + 3, last) * n * 8);
        for (let t = 0; t < taps; t += 3) {
          const tap0 = patch + <usize> load<u32>(at(table, t));
          const tap1 = patch + <usize> load<u32>(at(table, min(t + 1, taps - 1)));
          const tap2 = patch + <usize> load<u32>(at(table, min(t + 2, taps - 1)));
          correlate4x3(n, runs, tap0, tap1, tap2, g0, g1, g2, g3, zero, lanes);
          v128.store(totals, sumLanes(lanes));
          v128.store(totals, sumLanes(lanes + 128), 16);
          v128.store(totals, sumLanes(lanes + 256), 32);
          const wideHere = min(3, taps - t);
          for (let i = 0; i < min(4, o1 - o); i++) {
            const to = at(weights, (o - o0 + i) * taps + t);
            for (let j = 0; j < wideHere; j++) {
              store<f32>(at(to, j), load<f32>(at(to, j)) + load<f32>(at(totals, i * 3 + j)));
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
