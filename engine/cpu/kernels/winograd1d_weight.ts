// Gradient of the weights of a convolution over time with 5 taps, after Winograd, F(5, 4): inputs and the output's
// gradient are transformed as in winograd1d.ts, and the sum over times is 8 matrix products, 2.5 times fewer
// than by the definition. Only the totals are brought back, as 5 weights. Beside conv1d_weight.ts, measured: 2.2
// times as fast at 128 channels.
import { at, int, ptr, threadId } from "./abi";
import { clear } from "./patch";
import { timesAt, transformTimes } from "./winograd1d";
import { gradient8, sums5 } from "./winograd1d_vectors";
import { outer6x16 } from "./winograd_tile";

const POINTS: i32 = 8;
/** Floats between the planes of points, lest all fall on one set of the cache. */
const APART: i32 = 16;

/**
 * winograd1dWeight: x, gradient of the output, partial sums, scratch; images, channels, outputs, length, dilation,
 * before, count, runs of four in a sequence, runs at once, chunks, scratch words a thread. Partial sums are
 * [chunk][8][outputs in sixes][channels in sixteens][6][16]. Items: chunks of the runs.
 */
export function winograd1dWeight(p: usize, start: i32, end: i32): void {
  const images = int(p, 4), channels = int(p, 5), outputs = int(p, 6), length = int(p, 7);
  const dilation = int(p, 8), before = int(p, 9), count = int(p, 10);
  const runs = int(p, 11), most = int(p, 12), chunks = int(p, 13);

  const each = dilation * runs, all = images * each;
  const sixes = (outputs + 5) / 6, sixteens = channels / 16, grads = (sixes * 6 + 15) / 16 * 16;
  const tiles = sixes * sixteens;
  const plane = <usize> (most * channels + APART) << 2;
  const gradPlane = <usize> (most * grads + APART) << 2;

  // Scratch: times that reach past the input, inputs at all points, gradients at all points.
  const lines = at(ptr(p, 3), threadId * int(p, 14));
  const input = at(lines, 8 * max(channels, outputs)), grad = input + 8 * plane;
  // What pads the gradients meets only sums that nobody reads, but should not be slow numbers.
  clear(grad, POINTS * (most * grads + APART));

  for (let item = start; item < end; item++) {
    const sums = at(ptr(p, 2), item * POINTS * tiles * 96);
    clear(sums, POINTS * tiles * 96);
    const last = all * (item + 1) / chunks;
    for (let first = all * item / chunks; first < last; first += most) {
      const n = min(most, last - first);
      for (let i = 0; i < n; i++) {
        const run = (first + i) % each, t = run / runs + run % runs * 4 * dilation;
        const image = (first + i) / each;
        const x = at(ptr(p, 0), image * length * channels);
        let from = timesAt(x, channels, length, t - before, dilation, 8, lines);
        let step = from == lines ? channels : dilation * channels;
        transformTimes(from, step << 2, channels, at(input, i * channels), plane);
        const g = at(ptr(p, 1), image * count * outputs);
        from = timesAt(g, outputs, count, t, dilation, 4, lines);
        step = from == lines ? outputs : dilation * outputs;
        gradient8(outputs >> 3, from, step << 2, 32, at(grad, i * grads), gradPlane, 32);
      }
      let tile = sums;
      for (let k = 0; k < POINTS; k++) {
        const a = grad + <usize> k * gradPlane, b = input + <usize> k * plane;
        for (let o = 0; o < sixes; o++) {
          for (let c = 0; c < sixteens; c++) {
            outer6x16(n, at(a, o * 6), grads << 2, at(b, c * 16), channels << 2, tile);
            tile += 384;
          }
        }
      }
    }
  }
}

/**
 * winograd1dWeightSum: partial sums of `winograd1dWeight`, out [outputs][channels][5], scratch; channels, outputs,
 * chunks, scratch words a thread. Items: sixes of outputs by sixteens of channels.
 */
export function winograd1dWeightSum(p: usize, start: i32, end: i32): void {
  const channels = int(p, 3), outputs = int(p, 4), chunks = int(p, 5);
  const sixteens = channels / 16, tiles = (outputs + 5) / 6 * sixteens;
  const step = <usize> (tiles * 96) << 2, pitch = step * POINTS;
  const points = at(ptr(p, 2), threadId * int(p, 6)), taps = at(points, 32);
  for (let item = start; item < end; item++) {
    const o0 = item / sixteens * 6, c0 = item % sixteens * 16;
    for (let o = 0; o < min(6, outputs - o0); o++) {
      for (let c = 0; c < 16; c += 4) {
        let from = at(ptr(p, 0), item * 96 + o * 16 + c);
        for (let k = 0; k < POINTS; k++) {
          let total = v128.load(from);
          for (let i = 1; i < chunks; i++) {
            total = f32x4.add(total, v128.load(from + <usize> i * pitch));
          }
          v128.store(at(points, k * 4), total);
          from += step;
        }
        sums5(points, 16, taps, 16);
        const to = at(ptr(p, 1), ((o0 + o) * channels + c0 + c) * 5);
        for (let i = 0; i < 4; i++) {
          for (let k = 0; k < 5; k++) {
            store<f32>(at(to, i * 5 + k), load<f32>(at(taps, k * 4 + i)));
          }
        }
      }
    }
  }
}
