/**
 * Log-mel frames of a signal on the device: 64 Slaney bands of equal area from 50 to 7,600 Hz,
 * windows of 50 ms (a periodic Hann window in the middle of 1,024 points), one every 16 ms.
 * `librosa.feature.melspectrogram(sr=16000, n_fft=1024, hop_length=256, win_length=800, n_mels=64,
 * fmin=50, fmax=7600, center=False)`, then the natural logarithm above a floor.
 */
import type { Device } from "../../engine/device.ts";
import { add, log, mul, square } from "../../engine/ops/elementwise.ts";
import { rfft } from "../../engine/ops/fft.ts";
import { frame } from "../../engine/ops/gather.ts";
import { matmul } from "../../engine/ops/matmul.ts";
import { reshape } from "../../engine/ops/movement.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { SPEECH_RATE } from "../../features/feature_engine.ts";
import { hzToMel, melToHz } from "../../features/mel.ts";

export const BANDS = 64;
export const POINTS = 1024;
export const HOP = 256;
const WINDOW = 800;
const BINS = POINTS / 2 + 1;
const RANGE = [50, 7600] as const;
/** Added to powers: about 60 dB below a loud vowel of a clip whose peak is 1. */
const FLOOR = 1e-6;

/** `[samples]` → `[frames, BANDS]`, a frame at every whole one of 1,024 samples, 256 apart. */
export function logMel(signal: Tensor): Tensor {
  const { device } = signal;
  const framed = frame(reshape(signal, [1, -1]), { size: POINTS, hop: HOP });
  const frames = reshape(framed, [-1, POINTS]);
  const spectrum = rfft(mul(frames, device.constant("timbre window", hann)));
  const powers = square(reshape(spectrum, [-1, 2 * BINS])); // of real and imaginary parts
  return log(add(matmul(powers, bank(device), { precision: "f32" }), FLOOR));
}

function hann(): Float32Array {
  const window = new Float32Array(POINTS);
  const first = (POINTS - WINDOW) / 2;
  for (let i = 0; i < WINDOW; i++) {
    window[first + i] = 0.5 - 0.5 * Math.cos(2 * Math.PI * i / WINDOW);
  }
  return window;
}

/** `[2 · BINS, BANDS]`: each row of the mel bank twice, so that its product also adds up re² and im². */
function bank(device: Device): Tensor {
  return reshape(device.constant("timbre bank", slaneyRows), [2 * BINS, BANDS]);
}

function slaneyRows(): Float32Array {
  const [bottom, top] = RANGE.map(hzToMel);
  const edges = Array.from(
    { length: BANDS + 2 },
    (_, i) => melToHz(bottom + (top - bottom) * i / (BANDS + 1)),
  );
  const rows = new Float32Array(2 * BINS * BANDS);
  for (let bin = 0; bin < BINS; bin++) {
    const hz = bin * SPEECH_RATE / POINTS;
    for (let band = 0; band < BANDS; band++) {
      const [left, middle, right] = edges.slice(band, band + 3);
      const height = Math.min((hz - left) / (middle - left), (right - hz) / (right - middle));
      const share = 2 / (right - left) * Math.max(0, height);
      rows[2 * bin * BANDS + band] = share;
      rows[(2 * bin + 1) * BANDS + band] = share;
    }
  }
  return rows;
}
