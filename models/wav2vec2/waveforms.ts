/**
 * Recordings as Wav2Vec2 hears them: 16 kHz samples, each clip scaled by itself where its preprocessor
 * says so, before anything is padded.
 */
import type { Device } from "../../engine/device.ts";
import { SequenceRows } from "../../engine/train/sequence_rows.ts";

export interface WaveformOptions {
  /** Each clip to mean 0 and variance 1. */
  readonly doNormalize: boolean;
  /** Samples that a clip has at least: shorter ones end in silence. */
  readonly least: number;
}

/** Against a division by nothing, in silence. */
const EPS = 1e-7;

/** Clips to be drawn as batches `[B, samples, 1]`. */
export function waveformRows(
  device: Device,
  rows: readonly Float32Array[],
  options: WaveformOptions,
): SequenceRows {
  return new SequenceRows(device, rows.map((row) => prepared(row, options)), 1);
}

/** (x − mean) / √(variance + 1e-7), as Wav2Vec2FeatureExtractor has it. */
export function prepared(
  samples: Float32Array,
  { doNormalize, least }: WaveformOptions,
): Float32Array {
  const scaled = doNormalize ? normalized(samples) : samples;
  if (scaled.length >= least) return scaled;
  const longer = new Float32Array(least);
  longer.set(scaled);
  return longer;
}

/** All of them out of `rows`, which are empty afterwards: no clip is held twice. */
export function takePrepared(rows: Float32Array[], options: WaveformOptions): Float32Array[] {
  const clips: Float32Array[] = [];
  for (const [i, row] of rows.entries()) {
    clips.push(prepared(row, options));
    rows[i] = NOTHING;
  }
  rows.length = 0;
  return clips;
}

const NOTHING = new Float32Array(0);

function normalized(samples: Float32Array): Float32Array {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i];
  const mean = sum / samples.length;
  let squares = 0;
  for (let i = 0; i < samples.length; i++) squares += (samples[i] - mean) ** 2;
  const scale = 1 / Math.sqrt(squares / samples.length + EPS);
  return samples.map((x) => (x - mean) * scale);
}
