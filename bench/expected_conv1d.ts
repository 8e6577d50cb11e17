/** What a convolution over time and its gradients are, in float64: [B, T, C] and [O, C/groups, K], bias [O]. */
import type { Values } from "./expected.ts";
import type { ExpectedGradient } from "./expected_gradients.ts";

export interface Conv1dSizes {
  readonly batch: number;
  readonly times: number;
  readonly channels: number;
  readonly outputs: number;
  readonly taps: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
  readonly groups: number;
}

/** Times of the result. */
export function countOf({ times, taps, stride, padding, dilation }: Conv1dSizes): number {
  return Math.floor((times + 2 * padding - dilation * (taps - 1) - 1) / stride) + 1;
}

/** Element `i` of [B, count, O], and of the gradients by x, weights and bias. */
export function conv1dExpected(sizes: Conv1dSizes) {
  const { batch, times, channels, outputs, taps, stride, padding, dilation, groups } = sizes;
  const count = countOf(sizes);
  const per = channels / groups, each = outputs / groups;
  /** What output time `t` sees through a tap. */
  const seen = (t: number, tap: number) => t * stride - padding + tap * dilation;

  function at([x, w, bias]: Values, i: number): number {
    const o = i % outputs, t = Math.floor(i / outputs) % count;
    const clip = Math.floor(i / outputs / count);
    const first = Math.floor(o / each) * per;
    let total = bias[o];
    for (let tap = 0; tap < taps; tap++) {
      const from = seen(t, tap);
      if (from < 0 || from >= times) continue;
      for (let c = 0; c < per; c++) {
        total += x[(clip * times + from) * channels + first + c] * w[(o * per + c) * taps + tap];
      }
    }
    return total;
  }

  const byX: ExpectedGradient = ([, w], g, i) => {
    const channel = i % channels, time = Math.floor(i / channels) % times;
    const clip = Math.floor(i / channels / times);
    const first = Math.floor(channel / per) * each, c = channel % per;
    let total = 0;
    for (let tap = 0; tap < taps; tap++) {
      const t = (time - seen(0, tap)) / stride;
      if (!Number.isInteger(t) || t < 0 || t >= count) continue;
      for (let o = first; o < first + each; o++) {
        total += g[(clip * count + t) * outputs + o] * w[(o * per + c) * taps + tap];
      }
    }
    return total;
  };

  const byWeights: ExpectedGradient = ([x], g, i) => {
    const tap = i % taps, o = Math.floor(i / taps / per);
    const channel = Math.floor(o / each) * per + Math.floor(i / taps) % per;
    let total = 0;
    for (let clip = 0; clip < batch; clip++) {
      for (let t = 0; t < count; t++) {
        const from = seen(t, tap);
        if (from < 0 || from >= times) continue;
        total += g[(clip * count + t) * outputs + o] *
          x[(clip * times + from) * channels + channel];
      }
    }
    return total;
  };

  const byBias: ExpectedGradient = (_, g, o) => {
    let total = 0;
    for (let row = 0; row < batch * count; row++) total += g[row * outputs + o];
    return total;
  };

  return { at, gradients: [byX, byWeights, byBias] as const };
}
