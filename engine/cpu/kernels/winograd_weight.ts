// Gradient of the weights of a 3×3 convolution after Winograd, F(3×3, 4×4): patches of the input and of the
// output's gradient are transformed as in winograd.ts, and the sum over patches is 36 matrix products, 4 times
// fewer than by the definition. Only the totals are brought back, as 3×3 weights. Microkernels sum over patches
// straight from where the transforms left them. Beside conv_weight.ts, measured: 1.7 to 2.4 times as fast.
import { at, int, ptr, threadId } from "./abi";
import { clear } from "./patch";
import { transformInput } from "./winograd";
import { gatherPatch } from "./winograd_patch";
import { outer6x16 } from "./winograd_tile";
import { gradient4, sums3 } from "./winograd_vectors";

/** Points of a patch, and floats between the planes of points, lest all fall on one set of the cache. */
const POINTS: i32 = 36;
const APART: i32 = 16;

/** Adds to the 8 floats at `to` the 16 vectors of 8 at `from`. */
function addUp(from: usize, to: usize): void {
  let x = v128.load(to), y = v128.load(to, 16);
  for (let i = 0; i < 16; i++) {
    x = f32x4.add(x, v128.load(from));
    y = f32x4.add(y, v128.load(from, 16));
    from += 32;
  }
  v128.store(to, x);
  v128.store(to, y, 16);
}

/**
 * winogradWeight: x, gradient of the output, partial sums, scratch; images, groups, channels, outputs, height,
 * width, rows before, columns before, output rows and columns, patches at once, chunks, scratch words a thread.
 * Partial sums are [chunk], [group][36][outputs in sixes][channels in sixteens][6][16] and then biases, [group]
 * [outputs]. Items: chunks of patches of all groups.
 */
export function winogradWeight(p: usize, start: i32, end: i32): void {
  const images = int(p, 4), groups = int(p, 5), channels = int(p, 6), outputs = int(p, 7);
  const height = int(p, 8), width = int(p, 9), top = int(p, 10), left = int(p, 11);
  const rows = int(p, 12), columns = int(p, 13), most = int(p, 14), chunks = int(p, 15);

  const high = (rows + 3) >> 2, wide = (columns + 3) >> 2, all = images * high * wide;
  const sixes = (outputs + 5) / 6, sixteens = (channels + 15) / 16;
  const inputs = sixteens * 16, grads = (sixes * 6 + 7) / 8 * 8;
  const tiles = sixes * sixteens, pitch = groups * (POINTS * tiles * 96 + outputs);
  const plane = <usize> (most * inputs + APART) << 2,
    gradPlane = <usize> (most * grads + APART) << 2;

  // Scratch: zeros, a patch, one of the gradient on the way, biases, inputs and gradients at all points.
  const zero = at(ptr(p, 3), threadId * int(p, 16));
  const patch = at(zero, 16), lines = at(patch, 288), totals = at(lines, 192);
  const input = at(totals, grads), grad = input + 36 * plane;
  clear(zero, 16);

  for (let item = start; item < end; item++) {
    const chunk = item % chunks, group = item / chunks;
    const sums = at(ptr(p, 2), chunk * pitch + group * POINTS * tiles * 96);
    const biases = at(ptr(p, 2), chunk * pitch + groups * POINTS * tiles * 96 + group * outputs);
    clear(sums, POINTS * tiles * 96);
    clear(totals, grads);
    const last = all * (chunk + 1) / chunks;
    for (let first = all * chunk / chunks; first < last; first += most) {
      const n = min(most, last - first);
      // Eight planes at a time along all patches: their rows stay in the first cache from one to the next.
      for (let c = 0; c < inputs; c += 8) {
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
            at(input, t * inputs + c),
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
      for (let o = 0; o < grads; o += 8) {
        let z = first % wide, y = first / wide % high, image = first / wide / high;
        for (let t = 0; t < n; t++) {
          const from = at(ptr(p, 1), ((image * groups + group) * outputs + o) * rows * columns);
          gatherPatch(from, outputs - o, rows, columns, y * 4, z * 4, false, zero, patch);
          addUp(patch, at(totals, o));
          gradient4(4, patch, 32, 128, lines, 32, 192);
          gradient4(6, lines, 192, 32, at(grad, t * grads + o), 6 * gradPlane, gradPlane);
          if (++z == wide) {
            z = 0;
            if (++y == high) {
              y = 0;
              image++;
            }
          }
        }
      }
      let tile = sums;
      for (let k = 0; k < POINTS; k++) {
        const a = grad + <usize> k * gradPlane, b = input + <usize> k * plane;
        for (let o = 0; o < sixes; o++) {
          for (let c = 0; c < sixteens; c++) {
            outer6x16(n, at(a, o * 6), grads << 2, at(b, c * 16), inputs << 2, tile);
            tile += 384;
          }
        }
      }
    }
    memory.copy(biases, totals, outputs << 2);
  }
}

/**
 * winogradWeightSum: partial sums of `winogradWeight`, out, scratch; groups, channels, outputs, chunks, scratch
 * words a thread. Items: sixes of outputs by sixteens of channels, of all groups.
 */
export function winogradWeightSum(p: usize, start: i32, end: i32): void {
  const groups = int(p, 3), channels = int(p, 4), outputs = int(p, 5), chunks = int(p, 6);
  const sixes = (outputs + 5) / 6, sixteens = (channels + 15) / 16, tiles = sixes * sixteens;
  const pitch = <usize> (groups * (POINTS * tiles * 96 + outputs)) << 2;
  const step = <usize> (tiles * 96) << 2;
  const points = at(ptr(p, 2), threadId * int(p, 7)), lines = at(points, 144);
  for (let item = start; item < end; item++) {
    const group = item / tiles, o0 = item % tiles / sixteens * 6, c0 = item % sixteens * 16;
    const tile = at(ptr(p, 0), (group * POINTS * tiles + item % tiles) * 96);
    for (let o = 0; o < min(6, outputs - o0); o++) {
      for (let c = 0; c < min(16, channels - c0); c += 4) {
        let from = at(tile, o * 16 + c);
        for (let k = 0; k < POINTS; k++) {
          let total = v128.load(from);
          for (let i = 1; i < chunks; i++) {
            total = f32x4.add(total, v128.load(from + <usize> i * pitch));
          }
          v128.store(at(points, k * 4), total);
          from += step;
        }
        // Rows first: [3][6] of the [6][6] points, then columns: [3][3].
        for (let i: usize = 0; i < 6; i++) sums3(points + i * 16, 96, lines + i * 16, 96);
        for (let i: usize = 0; i < 3; i++) sums3(lines + i * 96, 16, points + i * 48, 16);
        const to = at(ptr(p, 1), ((group * outputs + o0 + o) * channels + c0 + c) * 9);
        for (let i = 0; i < min(4, channels - c0 - c); i++) {
          for (let k = 0; k < 9; k++) {
            store<f32>(at(to, i * 9 + k), load<f32>(at(points, k * 4 + i)));
          }
        }
      }
    }
  }
}
