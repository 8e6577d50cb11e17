// 3×3 convolution of stride 1 after Winograd, F(4×4, 3×3) of Lavin and Gray (2016): a 6×6 patch of the input
// and the weights are transformed, multiplied elementwise and summed over channels, and brought back as 4×4
// outputs: 36 products where the definition takes 144. The sums over channels are 36 small matrix products.
// Patches are turned to vectors of channels first, so that transforms are additions of whole vectors. Beside the
// direct kernel (conv.ts), measured: 1.4 times as fast from 16 channels to 32, 2.2 times from 96 to 128.
import { at, int, ptr, threadId } from "./abi";
import { clear } from "./patch";
import { gatherPatch, scatterRow } from "./winograd_patch";
import { rows6x16 } from "./winograd_tile";
import { input6, output4, weight3 } from "./winograd_vectors";

/** Points of a patch, and floats between the planes of points, lest all fall on one set of the cache. */
const POINTS: i32 = 36;
const APART: i32 = 16;

/**
 * winogradPack: weights, out; outputs and channels of a group, panels of a group, channels padded, first
 * element, strides of group, output, channel, tap row and tap column. Panels are [36][channels][16], the weights
 * as G g Gᵀ, zeros for what is padded. Items: panels of all groups.
 */
export function winogradPack(p: usize, start: i32, end: i32): void {
  const outputs = int(p, 2), channels = int(p, 3), panels = int(p, 4), padded = int(p, 5);
  const first = int(p, 6), groupStep = int(p, 7), outputStep = int(p, 8), channelStep = int(p, 9);
  const rowStep = int(p, 10), columnStep = int(p, 11);
  const point = <usize> padded << 6;
  for (let item = start; item < end; item++) {
    const group = item / panels, o0 = item % panels * 16;
    const panel = at(ptr(p, 1), item * POINTS * padded * 16);
    clear(panel, POINTS * padded * 16);
    for (let i = 0; i < min(16, outputs - o0); i += 4) {
      const n = min(4, outputs - o0 - i);
      for (let c = 0; c < channels; c++) {
        const w = at(
          ptr(p, 0),
          first + group * groupStep + (o0 + i) * outputStep + c * channelStep,
        );
        const to = at(panel, c * 16 + i);
        // Columns of g become columns of G g, six rows high; each row is then widened by Gᵀ.
        for (let j = 0; j < 3; j++) {
          const from = at(w, j * columnStep);
          weight3(
            across(from, outputStep, n),
            across(at(from, rowStep), outputStep, n),
            across(at(from, 2 * rowStep), outputStep, n),
            to + <usize> j * point,
            6 * point,
          );
        }
        for (let r: usize = 0; r < 6; r++) {
          const row = to + 6 * r * point;
          weight3(v128.load(row), v128.load(row + point), v128.load(row + 2 * point), row, point);
        }
      }
    }
  }
}

/** Weights of the first `n` of four outputs. */
function across(from: usize, step: i32, n: i32): v128 {
  let x = v128.load32_zero(from);
  if (n > 1) x = f32x4.replace_lane(x, 1, load<f32>(at(from, step)));
  if (n > 2) x = f32x4.replace_lane(x, 2, load<f32>(at(from, 2 * step)));
  if (n > 3) x = f32x4.replace_lane(x, 3, load<f32>(at(from, 3 * step)));
  return x;
}

/** `n` ≤ 8 planes of a patch at all points: `plane` bytes between points. `patch` is scratch, [36][8]. */
export function transformInput(
  x: usize,
  n: i32,
  height: i32,
  width: i32,
  y0: i32,
  x0: i32,
  zero: usize,
  patch: usize,
  to: usize,
  plane: usize,
): void {
  gatherPatch(x, n, height, width, y0, x0, true, zero, patch);
  input6(6, patch, 32, 192, patch, 32, 192);
  input6(6, patch, 192, 32, to, 6 * plane, plane);
}

/**
 * winograd: x, packed weights, bias, out, scratch; images, groups, channels, outputs, height, width, rows before,
 * columns before, output rows and columns, channels padded, patches an item, bias given, ReLU, scratch words a
 * thread. Items: so many patches, of all images, rows and columns.
 */
export function winograd(p: usize, start: i32, end: i32): void {
  const biases = ptr(p, 2);
  const images = int(p, 5), groups = int(p, 6), channels = int(p, 7), outputs = int(p, 8);
  const height = int(p, 9), width = int(p, 10), top = int(p, 11), left = int(p, 12);
  const rows = int(p, 13), columns = int(p, 14), padded = int(p, 15), most = int(p, 16);
  const hasBias = int(p, 17) != 0, relu = int(p, 18) != 0;

  const panels = (outputs + 15) / 16;
  const high = (rows + 3) >> 2, wide = (columns + 3) >> 2, all = images * high * wide;
  const row = <usize> padded << 2, planeOut = <usize> (rows * columns) << 2;
  const plane = <usize> (most * padded + APART) << 2, sumPlane = <usize> (most * 16 + APART) << 2;

  // Scratch: zeros, biases, a patch, four rows of it, inputs at all points, sums at all points.
  const zero = at(ptr(p, 4), threadId * int(p, 19));
  const bias = at(zero, 16), patch = at(bias, 16), lines = at(patch, 288);
  const input = at(lines, 192), sums = input + 36 * plane;
  clear(zero, 32);

  for (let item = start; item < end; item++) {
    const first = item * most, n = min(most, all - first);
    for (let group = 0; group < groups; group++) {
      // Eight planes at a time along all patches: their rows stay in the first cache from one to the next.
      for (let c = 0; c < padded; c += 8) {
        let z = first % wide, y = first / wide % high, image = first / wide / high;
        for (let t = 0; t < n; t++) {
          transformInput(
            at(ptr(p, 0), ((image * groups + group) * channels + c) * height * width),
            channels - c,
            height,
            width,
            y * 4 - top,
            z * 4 - left,
            zero,
            patch,
            at(input, t * padded + c),
            plane,
          );
          if (++z == wide) {
            z = 0;
            if (++y == high) {
              y = 0;
              image++;
            }
          }
        }
      }
      for (let panel = 0; panel < panels; panel++) {
        const weights = at(ptr(p, 1), (group * panels + panel) * POINTS * padded * 16);
        for (let k = 0; k < POINTS; k++) {
          const b = at(weights, k * padded * 16);
          const a = input + <usize> k * plane, c = sums + <usize> k * sumPlane;
          for (let t: usize = 0; t < <usize> n; t += 6) {
            rows6x16(padded, a + t * row, row, b, zero, c + t * 64);
          }
        }
        const o0 = panel * 16, here = min(16, outputs - o0);
        if (hasBias) {
          for (let i = 0; i < here; i++) {
            store<f32>(at(bias, i), load<f32>(at(biases, group * outputs + o0 + i)));
          }
        }
        for (let o = 0; o < here; o += 8) {
          let z = first % wide, y = first / wide % high, image = first / wide / high;
          for (let t = 0; t < n; t++) {
            const m = at(sums, t * 16 + o);
            const map = (image * groups + group) * outputs + o0 + o;
            const to = at(ptr(p, 3), (map * rows + y * 4) * columns + z * 4);
            output4(6, m, 6 * sumPlane, sumPlane, lines, 192, 32);
            output4(4, lines, 32, 192, patch, 32, 128);
            for (let i = 0; i < min(4, rows - y * 4); i++) {
              scatterRow(
                at(patch, i * 32),
                at(bias, o),
                relu,
                at(to, i * columns),
                planeOut,
                min(4, columns - z * 4),
                min(8, here - o),
              );
            }
            if (++z == wide) {
              z = 0;
              if (++y == high) {
                y = 0;
                image++;
              }
            }
          }
        }
      }
    }
  }
}
