/**
 * From voices to what the members of `timbre` see: log-mel frames, standardised band by band by the
 * training clips; in training other speeds, a little noise, and masks, drawn anew every time.
 *
 * A batch has no padding: a clip shorter than the longest begins anew after its end, so that every
 * statistic a member takes is one of voices. Nothing is masked, and nothing needs a length.
 */
import type { LayerContext } from "../../engine/nn/layers.ts";
import { Module } from "../../engine/nn/module.ts";
import { full, zeros } from "../../engine/ops/create.ts";
import { add, div, mul, sub } from "../../engine/ops/elementwise.ts";
import { gather } from "../../engine/ops/gather.ts";
import { reshape } from "../../engine/ops/movement.ts";
import { normal } from "../../engine/ops/random_ops.ts";
import type { Random } from "../../engine/random.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { RowSource } from "../../engine/train/rows.ts";
import { masks } from "../augment/masks.ts";
import { BANDS, HOP, logMel, POINTS } from "./log_mel.ts";
import { atSpeed } from "./speed.ts";
import type { Voices } from "./voices.ts";

/** What training changes about clips. */
const SPEEDS = [0.88, 1.12] as const;
/** Each of the two masks along time, and along frequency, is so wide at most. */
const MASKED = { frames: 12, bands: 8 };
/** Noise lies so many decibels below a clip's own level. */
const NOISE_BELOW = [15, 45] as const;

/** Frames that members need at least: what four poolings by two leave something of. */
const LEAST_FRAMES = 16;

/** Clips one after the other in one signal, each with room before and after it. */
interface Laid {
  readonly signal: Float32Array;
  /** The first frame of each clip among the signal's, and how many are its own. */
  readonly starts: readonly number[];
  readonly counts: readonly number[];
}

export class FrontEnd extends Module<Voices> {
  /** `[BANDS]`, of the training clips. */
  readonly mean: Tensor;
  readonly deviation: Tensor;
  readonly #random: Random;

  constructor({ device, random }: LayerContext) {
    super();
    this.mean = device.keep(zeros(device, [BANDS]));
    this.deviation = device.keep(full(device, [BANDS], 1));
    this.#random = random;
  }

  /** → `[B, T, BANDS]`, T frames as the longest clip has them. */
  forward({ device, clips }: Voices): Tensor {
    return device.noGrad(() =>
      device.scope(() => {
        const laid = layOut(this.training ? clips.map((clip) => this.#atOtherSpeed(clip)) : clips);
        const plain = device.tensor(laid.signal);
        const signal = this.training ? this.#withNoise(plain, laid) : plain;
        const frames = div(sub(logMel(signal), this.mean), this.deviation);
        const batch = batchOf(frames, laid);
        return this.training ? this.#masked(batch) : batch;
      })
    );
  }

  /** Takes mean and deviation of each band over the frames of all clips. */
  async fit(training: Pick<RowSource<Voices>, "n" | "at">): Promise<void> {
    const sums = { count: 0, sum: new Float64Array(BANDS), squares: new Float64Array(BANDS) };
    for (let i = 0; i < training.n; i++) {
      const { device, clips } = training.at(Int32Array.of(i));
      const { signal, counts: [count] } = layOut(clips);
      const frames = device.noGrad(() => device.scope(() => logMel(device.tensor(signal))));
      const values = await frames.data();
      frames.dispose();
      for (let f = 0; f < count * BANDS; f++) {
        sums.sum[f % BANDS] += values[f];
        sums.squares[f % BANDS] += values[f] * values[f];
      }
      sums.count += count;
    }
    const mean = sums.sum.map((s) => s / sums.count);
    this.mean.write(Float32Array.from(mean));
    this.deviation.write(
      Float32Array.from(sums.squares, (s, b) => Math.sqrt(s / sums.count - mean[b] ** 2)),
    );
  }

  #atOtherSpeed(clip: Float32Array): Float32Array {
    return atSpeed(clip, this.#between(SPEEDS));
  }

  #between([from, to]: readonly [number, number]): number {
    return from + (to - from) * this.#random.nextU32() / 2 ** 32;
  }

  /** Noise of one level a clip. */
  #withNoise(signal: Tensor, { signal: samples, starts }: Laid): Tensor {
    const { device } = signal;
    const blocks = samples.length / HOP;
    const levels = new Float32Array(blocks);
    starts.forEach((start, i) => {
      const end = starts[i + 1] ?? blocks;
      const level = levelOf(samples.subarray(start * HOP, end * HOP));
      levels.fill(level * 10 ** (-this.#between(NOISE_BELOW) / 20), start, end);
    });
    const noise = normal(device, [blocks, HOP], this.#random);
    return add(signal, reshape(mul(noise, device.tensor(levels, [blocks, 1])), [-1]));
  }

  /** Two stretches of time and two of frequency of each clip set to the training clips' mean. */
  #masked(frames: Tensor): Tensor {
    const { device, shape: [n, length] } = frames;
    const random = this.#random;
    let kept = frames;
    for (let i = 0; i < 2; i++) {
      const time = masks(n, { length, widest: MASKED.frames, random });
      const bands = masks(n, { length: BANDS, widest: MASKED.bands, random });
      kept = mul(kept, device.tensor(time, [n, length, 1]));
      kept = mul(kept, device.tensor(bands, [n, 1, BANDS]));
    }
    return kept;
  }
}

/** Frames that a clip of so many samples has, one centred on every 256th. */
export function framesOf(samples: number): number {
  return 1 + Math.floor(samples / HOP);
}

/** Half a frame of silence stands before and after every clip, as in librosa's centred frames. */
function layOut(clips: readonly Float32Array[]): Laid {
  const counts = clips.map((clip) => framesOf(clip.length));
  const starts: number[] = [];
  let blocks = 0;
  for (const count of counts) {
    starts.push(blocks);
    blocks += count - 1 + POINTS / HOP;
  }
  const signal = new Float32Array(blocks * HOP);
  clips.forEach((clip, i) => signal.set(clip, starts[i] * HOP + POINTS / 2));
  return { signal, starts, counts };
}

/** `[all frames, BANDS]` → `[B, T, BANDS]`: each clip's own, again from its first after its last. */
function batchOf(frames: Tensor, { starts, counts }: Laid): Tensor {
  const length = counts.reduce((a, b) => Math.max(a, b), LEAST_FRAMES);
  const order = new Int32Array(starts.length * length);
  starts.forEach((start, i) => {
    for (let t = 0; t < length; t++) order[i * length + t] = start + t % counts[i];
  });
  return reshape(gather(frames, frames.device.tensor(order)), [-1, length, BANDS]);
}

/** Root mean square. */
function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i] * samples[i];
  return Math.sqrt(sum / samples.length);
}
