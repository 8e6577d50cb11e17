// Convolution without im2col. An item is a tile of the output: its input is copied once with its
// border (patch.ts), and the microkernel of matmul reads its columns, two groups of 8 neighbouring
// outputs, straight from there through a table of tap offsets. The host describes forward
// convolution, the gradient of the input and transposed convolution alike (ops/conv_plan.ts).
import { at, int, ptr, threadId } from "./abi";
import { copyPatch, tapTable } from "./patch";
import { tile6x16 } from "./tile";

/**
 * convPack: weights, bias, out; outputs and channels of a group, taps high, taps wide, panels of a
 * group, first element, strides of group, output, channel, tap row and tap column, bias given.
 * Panels are [1 + taps][6]: six biases, then six weights a tap. Items: panels of all groups.
 */
export function convPack(p: usize, start: i32, end: i32): void {
  const weights = ptr(p, 0), bias = ptr(p, 1), out = ptr(p, 2);
  const outputs = int(p, 3), channels = int(p, 4), high = int(p, 5), wide = int(p, 6);
  const panels = int(p, 7), first = int(p, 8), groupStep = int(p, 9), outputStep = int(p, 10);
  const channelStep = int(p, 11), rowStep = int(p, 12), columnStep = int(p, 13);
  const hasBias = int(p, 14) != 0;
  const size = (1 + channels * high * wide) * 6;
  for (let item = start; item < end; item++) {
    const group = item / panels, o0 = item % panels * 6;
    let to = at(out, item * size);
    for (let i = 0; i < 6; i++) {
      const has = hasBias && o0 + i < outputs;
      store<f32>(at(to, i), has ? load<f32>(at(bias, group * outputs + o0 + i)) : 0);
    }
    to += 24;
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < high; y++) {
        for (let x = 0; x < wide; x++) {
          const from = first + group * groupStep + o0 * outputStep + c * channelStep +
            y * rowStep + x * columnStep;
          for (let i = 0; i < 6; i++) {
            const value: f32 = o0 + i < outputs ? load<f32>(at(weights, from + i * outputStep)) : 0;
            store<f32>(at(to, i), value);
          }
          to += 24;
        }
      }
    }
  }
}

/** Writes `n` ≤ 8 floats of a row of the edge tile, `step` apart. */
function scatter(from: usize, to: usize, n: i32, step: i32, relu: bool): void {
  for (let i = 0; i < n; i++) {
    const value = load<f32>(at(from, i));
    store<f32>(at(to, i * step), relu && value < 0 ? 0 : value);
  }
}

/** max(x, 0) of 8 floats in place, NaN kept. */
function relu8(to: usize): void {
  const x = v128.load(to);
  const y = v128.load(to, 16);
  v128.store(to, v128.andnot(x, f32x4.lt(x, f32x4.splat(0))));
  v128.store(to, v128.andnot(y, f32x4.lt(y, f32x4.splat(0))), 16);
}

/**
 * conv: x, packed weights, out, scratch; then the words of `planParams` (ops/conv_plan.ts) and of
 * `tileParams` (ops/conv_cpu.ts). Items: tiles of the output, images outermost, columns innermost.
 */
export function conv(p: usize, start: i32, end: i32): void {
  const x = ptr(p, 0), packed = ptr(p, 1), out = ptr(p, 2);
  const images = int(p, 4), groups = int(p, 5), channels = int(p, 6), outputs = int(p, 7);
  const height = int(p, 8), width = int(p, 9), high = int(p, 10), wide = int(p, 11);
  const strideY = int(p, 12), strideX = int(p, 13);
  const dilationY = int(p, 14), dilationX = int(p, 15), top = int(p, 16), left = int(p, 17);
  const rows = int(p, 18), columns = int(p, 19), outHeight = int(p, 20), outWidth = int(p, 21);
  const firstY = int(p, 22), firstX = int(p, 23), stepY = int(p, 24), stepX = int(p, 25);
  const tileImages = int(p, 26), tileRows = int(p, 27), tileColumns = int(p, 28);
  const patchRows = int(p, 29), phaseWidth = int(p, 30), relu = int(p, 31) != 0;
  const perThread = int(p, 32), maxRuns = int(p, 34);

  const taps = channels * high * wide, panels = (outputs + 5) / 6;
  const panelBytes = <usize> (1 + taps) * 24;
  const patchPitch = strideX * phaseWidth, imageWords = channels * patchRows * patchPitch;
  const plane = outHeight * outWidth;
  const planeBytes = <usize> plane << 2;
  const tilesX = (columns + tileColumns - 1) / tileColumns;
  const tilesY = (rows + tileRows - 1) / tileRows;

  // Scratch: edge tile, bias tile, tap table, runs of 8 outputs (source, target, count), patch.
  const edge = at(ptr(p, 3), threadId * perThread);
  const biases = at(edge, 96), table = at(biases, 96), runs = at(table, taps);
  const patch = at(runs, 3 * maxRuns + 3);
  tapTable(table, channels, high, wide, dilationY, dilationX, patchRows, strideX, phaseWidth);

  for (let item = start; item < end; item++) {
    const x0 = item % tilesX * tileColumns, y0 = item / tilesX % tilesY * tileRows;
    const image0 = item / tilesX / tilesY * tileImages;
    const imagesHere = min(tileImages, images - image0);
    const rowsHere = min(tileRows, rows - y0), columnsHere = min(tileColumns, columns - x0);
    let n = 0;
    for (let image = 0; image < imagesHere; image++) {
      for (let r = 0; r < rowsHere; r++) {
        for (let c = 0; c < columnsHere; c += 8) {
          const run = at(runs, n++ * 3);
          store<u32>(run, (image * imageWords + r * strideY * patchPitch + c) << 2);
          const line = (image0 + image) * groups * outputs * outHeight + firstY + (y0 + r) * stepY;
          store<u32>(run, (line * outWidth + firstX + (x0 + c) * stepX) << 2, 4);
          store<i32>(run, min(8, columnsHere - c), 8);
        }
      }
    }
    for (let group = 0; group < groups; group++) {
      for (let image = 0; image < imagesHere; image++) {
        const from = ((image0 + image) * groups + group) * channels * height * width;
        const rowsFrom = y0 * strideY - top, columnsFrom = x0 * strideX - left;
        const to = at(patch, image * imageWords);
        copyPatch(
          at(x, from),
          channels,
          height,
          width,
          rowsFrom,
          patchRows,
          columnsFrom,
          strideX,
          phaseWidth,
          to,
        );
      }
      for (let panel = 0; panel < panels; panel++) {
        const weights = packed + <usize> (group * panels + panel) * panelBytes;
        for (let i = 0; i < 6; i++) {
          const value = v128.load32_splat(at(weights, i));
          for (let j = 0; j < 4; j++) v128.store(at(biases, i * 16 + j * 4), value);
        }
        const high = min(6, outputs - panel * 6);
        const target = out + <usize> (group * outputs + panel * 6) * planeBytes;
        for (let i = 0; i < n; i += 2) {
          const run = at(runs, i * 3);
          const pair = i + 1 < n ? run + 12 : run;
          const b0 = patch + <usize> load<u32>(run), b1 = patch + <usize> load<u32>(pair);
          const to0 = target + <usize> load<u32>(run, 4), to1 = target + <usize> load<u32>(pair, 4);
          const n0 = load<i32>(run, 8), n1 = load<i32>(pair, 8);
          if (high == 6 && stepX == 1 && n0 == 8 && n1 == 8) {
            tile6x16(taps, table, b0, b1, weights + 24, biases, 64, to0, to1, planeBytes);
            if (relu) {
              for (let r: usize = 0; r < 6; r++) {
                relu8(to0 + r * planeBytes);
                relu8(to1 + r * planeBytes);
              }
            }
            continue;
          }
          tile6x16(taps, table, b0, b1, weights + 24, biases, 64, edge, edge + 32, 64);
          for (let r: usize = 0; r < <usize> high; r++) {
            scatter(edge + r * 64, to0 + r * planeBytes, n0, stepX, relu);
            scatter(edge + r * 64 + 32, to1 + r * planeBytes, n1, stepX, relu);
          }
        }
      }
    }
  }
}
