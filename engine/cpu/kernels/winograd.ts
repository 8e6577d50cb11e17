// 3×3 convolution of stride 1 after Winograd, F(2×2, 3×3) of Lavin and Gray (2016): a 4×4 patch of the
// input and the weights are transformed, multiplied elementwise and summed over channels, and brought
// back as 2×2 outputs: 16 products where the definition takes 36. The sums over channels are 16 small
// matrix products, done by the microkernel of matmul.
import { at, int, ptr, threadId } from "./abi";
import { clear, copyPatch } from "./patch";
import { tile6x16 } from "./tile";

/**
 * winogradPack: weights, out; outputs and channels of a group, panels of a group, first element,
 * strides of group, output, channel, tap row and tap column. Panels are [16][channels][6], the
 * weights as G g Gᵀ. Items: panels of all groups.
 */
export function winogradPack(p: usize, start: i32, end: i32): void {
  const weights = ptr(p, 0), out = ptr(p, 1);
  const outputs = int(p, 2), channels = int(p, 3), panels = int(p, 4), first = int(p, 5);
  const groupStep = int(p, 6), outputStep = int(p, 7), channelStep = int(p, 8);
  const rowStep = int(p, 9), columnStep = int(p, 10);
  for (let item = start; item < end; item++) {
    const group = item / panels, o0 = item % panels * 6;
    const panel = at(out, item * 96 * channels);
    clear(panel, 96 * channels);
    for (let i = 0; i < min(6, outputs - o0); i++) {
      for (let c = 0; c < channels; c++) {
        const from = first + group * groupStep + (o0 + i) * outputStep + c * channelStep;
        const to = at(panel, c * 6 + i);
        // Columns of g become columns of G g, four rows high; each is then widened by Gᵀ.
        for (let r = 0; r < 4; r++) {
          const x = columnOf(at(weights, from), rowStep, r);
          const y = columnOf(at(weights, from + columnStep), rowStep, r);
          const z = columnOf(at(weights, from + 2 * columnStep), rowStep, r);
          for (let q = 0; q < 4; q++) {
            store<f32>(at(to, (r * 4 + q) * channels * 6), widen(x, y, z, q));
          }
        }
      }
    }
  }
}

/** Row `r` of G times (x, y, z). */
// @inline
function widen(x: f32, y: f32, z: f32, r: i32): f32 {
  if (r == 0) return x;
  if (r == 3) return z;
  const even: f32 = 0.5 * (x + z), odd: f32 = 0.5 * y;
  return r == 1 ? even + odd : even - odd;
}

function columnOf(from: usize, step: i32, r: i32): f32 {
  return widen(load<f32>(from), load<f32>(at(from, step)), load<f32>(at(from, 2 * step)), r);
}

/**
 * One row of Bᵀ d B for four neighbouring tiles: rows x and y of the patch combined (x + y or
 * x − y), then columns. Four vectors are stored, `plane` bytes apart.
 */
// @inline
function transformRow(x: usize, y: usize, plus: bool, to: usize, plane: usize): void {
  let a = v128.load(x), b = v128.load(x, 16), c = v128.load(x, 8), d = v128.load(x, 24);
  if (plus) {
    a = f32x4.add(a, v128.load(y));
    b = f32x4.add(b, v128.load(y, 16));
    c = f32x4.add(c, v128.load(y, 8));
    d = f32x4.add(d, v128.load(y, 24));
  } else {
    a = f32x4.sub(a, v128.load(y));
    b = f32x4.sub(b, v128.load(y, 16));
    c = f32x4.sub(c, v128.load(y, 8));
    d = f32x4.sub(d, v128.load(y, 24));
  }
  const j0 = v128.shuffle<f32>(a, b, 0, 2, 4, 6), j1 = v128.shuffle<f32>(a, b, 1, 3, 5, 7);
  const j2 = v128.shuffle<f32>(c, d, 0, 2, 4, 6), j3 = v128.shuffle<f32>(c, d, 1, 3, 5, 7);
  v128.store(to, f32x4.sub(j0, j2));
  v128.store(to + plane, f32x4.add(j1, j2));
  v128.store(to + plane * 2, f32x4.sub(j2, j1));
  v128.store(to + plane * 3, f32x4.sub(j1, j3));
}

/** Column `q` of one row of Aᵀ m: planes of a row of m are `row` bytes apart. */
// @inline
function gatherColumn(m: usize, row: usize, second: bool): v128 {
  const x = v128.load(m + row), y = v128.load(m + row * 2);
  return second
    ? f32x4.sub(f32x4.sub(x, y), v128.load(m + row * 3))
    : f32x4.add(f32x4.add(x, y), v128.load(m));
}

/** One row of Aᵀ m A for four neighbouring tiles: 8 outputs, with bias and ReLU. */
// @inline
function restoreRow(m: usize, plane: usize, second: bool, bias: v128, relu: bool, to: usize): void {
  const row = plane * 4;
  const s0 = gatherColumn(m, row, second), s1 = gatherColumn(m + plane, row, second);
  const s2 = gatherColumn(m + plane * 2, row, second);
  const s3 = gatherColumn(m + plane * 3, row, second);
  let even = f32x4.add(f32x4.add(f32x4.add(s0, s1), s2), bias);
  let odd = f32x4.add(f32x4.sub(f32x4.sub(s1, s2), s3), bias);
  if (relu) {
    even = v128.andnot(even, f32x4.lt(even, f32x4.splat(0)));
    odd = v128.andnot(odd, f32x4.lt(odd, f32x4.splat(0)));
  }
  v128.store(to, v128.shuffle<f32>(even, odd, 0, 4, 1, 5));
  v128.store(to, v128.shuffle<f32>(even, odd, 2, 6, 3, 7), 16);
}

/**
 * winograd: x, packed weights, bias, out, scratch; images, groups, channels, outputs, height, width,
 * rows before, columns before, output rows and columns, images, rows and columns of an item's tile,
 * bias given, ReLU, scratch words a thread, most patches an item. Output rows are even, columns a
 * multiple of 8, and tiles too. Items: tiles of the output, images outermost, columns innermost.
 */
export function winograd(p: usize, start: i32, end: i32): void {
  const x = ptr(p, 0), packed = ptr(p, 1), biases = ptr(p, 2), out = ptr(p, 3);
  const images = int(p, 5), groups = int(p, 6), channels = int(p, 7), outputs = int(p, 8);
  const height = int(p, 9), width = int(p, 10), top = int(p, 11), left = int(p, 12);
  const rows = int(p, 13), columns = int(p, 14);
  const tileImages = int(p, 15), tileRows = int(p, 16), tileColumns = int(p, 17);
  const hasBias = int(p, 18) != 0, relu = int(p, 19) != 0;
  const perThread = int(p, 20), pitch = int(p, 21);

  const panels = (outputs + 5) / 6;
  const patchRows = tileRows + 2, patchColumns = tileColumns + 2;
  const imageWords = channels * patchRows * patchColumns;
  const tilesX = (columns + tileColumns - 1) / tileColumns;
  const tilesY = (rows + tileRows - 1) / tileRows;
  // Planes are a cache line longer than full, lest all 16 fall on one set of the cache.
  const plane = <usize> (channels * pitch + 16) << 2, sumPlane = <usize> (6 * pitch + 16) << 2;

  // Scratch: zeros, offsets of channels, transformed input, sums, patch.
  const zero = at(ptr(p, 4), threadId * perThread);
  const table = at(zero, 16), input = at(table, (channels + 15) / 16 * 16);
  const sums = input + 16 * plane, patch = sums + 16 * sumPlane;
  clear(zero, 16);
  for (let c = 0; c < channels; c++) store<u32>(at(table, c), c * pitch << 2);

  for (let item = start; item < end; item++) {
    const x0 = item % tilesX * tileColumns, y0 = item / tilesX % tilesY * tileRows;
    const image0 = item / tilesX / tilesY * tileImages;
    const imagesHere = min(tileImages, images - image0);
    const high = min(tileRows, rows - y0) >> 1, wide = min(tileColumns, columns - x0) >> 1;
    const patches = imagesHere * high * wide;
    for (let group = 0; group < groups; group++) {
      for (let image = 0; image < imagesHere; image++) {
        const from = ((image0 + image) * groups + group) * channels * height * width;
        const to = at(patch, image * imageWords);
        const fromX = x0 - left, fromY = y0 - top;
        copyPatch(
          at(x, from),
          channels,
          height,
          width,
          fromY,
          patchRows,
          fromX,
          1,
          patchColumns,
          to,
        );
      }
      for (let c = 0; c < channels; c++) {
        let to = at(input, c * pitch);
        for (let image = 0; image < imagesHere; image++) {
          for (let i = 0; i < high; i++) {
            const line = image * imageWords + (c * patchRows + 2 * i) * patchColumns;
            for (let j = 0; j < wide; j += 4) {
              const r0 = at(patch, line + 2 * j), r1 = at(r0, patchColumns);
              const r2 = at(r1, patchColumns), r3 = at(r2, patchColumns);
              transformRow(r0, r2, false, to, plane);
              transformRow(r1, r2, true, to + plane * 4, plane);
              transformRow(r2, r1, false, to + plane * 8, plane);
              transformRow(r1, r3, false, to + plane * 12, plane);
              to += 16;
            }
          }
        }
      }
      for (let panel = 0; panel < panels; panel++) {
        const weights = at(packed, (group * panels + panel) * 96 * channels);
        const row = <usize> pitch << 2;
        for (let k = 0; k < 16; k++) {
          const a = at(weights, k * channels * 6);
          const from = input + <usize> k * plane, to = sums + <usize> k * sumPlane;
          for (let t = 0; t < patches; t += 16) {
            const b = at(from, t), c = at(to, t);
            tile6x16(channels, table, b, b + 32, a, zero, 0, c, c + 32, row);
          }
        }
        for (let i = 0; i < min(6, outputs - panel * 6); i++) {
          const o = group * outputs + panel * 6 + i;
          const bias = f32x4.splat(hasBias ? load<f32>(at(biases, o)) : 0);
          let m = at(sums, i * pitch);
          for (let image = 0; image < imagesHere; image++) {
            const map = (image0 + image) * groups * outputs + o;
            for (let r = 0; r < high; r++) {
              let to = at(out, (map * rows + y0 + 2 * r) * columns + x0);
              for (let j = 0; j < wide; j += 4) {
                restoreRow(m, sumPlane, false, bias, relu, to);
                restoreRow(m, sumPlane, true, bias, relu, at(to, columns));
                m += 16;
                to += 32;
              }
            }
          }
        }
      }
    }
  }
}
