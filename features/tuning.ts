/**
 * How far a recording's pitches lie from equal temperament at A = 440 Hz, librosa 0.11's `estimate_tuning`:
 * peaks of each frame's spectrum, refined by a parabola, vote in a histogram of hundredths of a bin.
 * Roundings to f32 stand where librosa has them, since one vote may decide.
 */
import { BINS, FRAME, SAMPLE_RATE } from "./stft.ts";

const HZ_PER_BIN = SAMPLE_RATE / FRAME;
const FIRST = Math.ceil(150 / HZ_PER_BIN); // piptrack's fmin
const LAST = Math.ceil(4000 / HZ_PER_BIN) - 1; // below its fmax
const THRESHOLD = Math.fround(0.1); // of a frame's maximum
const A440 = 440 / 16; // octave 0 begins here
const VOTES = 100;

/** Peaks over all frames. */
export interface Peaks {
  /** Hz */
  pitches: Float32Array;
  magnitudes: Float32Array;
}

/**
 * `librosa.piptrack(S=S)`, without the zeros: local maxima between 150 and 4,000 Hz above a tenth of their
 * frame's maximum, frame by frame.
 *
 * @param spectrogram [frames, BINS], magnitudes or powers
 */
export function piptrack(spectrogram: Float32Array): Peaks {
  const pitches: number[] = [];
  const magnitudes: number[] = [];
  for (let row = 0; row < spectrogram.length; row += BINS) {
    let largest = 0;
    for (let i = row; i < row + BINS; i++) if (spectrogram[i] > largest) largest = spectrogram[i];
    const least = Math.fround(THRESHOLD * largest);
    for (let i = row + FIRST; i <= row + LAST; i++) {
      const here = spectrogram[i];
      const before = spectrogram[i - 1];
      const after = spectrogram[i + 1];
      if (!(here > least && here > before && here >= after)) continue;
      const bend = Math.fround(after + before) - 2 * here;
      const slope = Math.fround(after - before) / 2;
      const shift = Math.abs(slope) >= Math.abs(bend) ? 0 : Math.fround(-slope / bend);
      pitches.push((i - row + shift) * HZ_PER_BIN);
      magnitudes.push(here + Math.fround(0.5 * slope * shift));
    }
  }
  return { pitches: Float32Array.from(pitches), magnitudes: Float32Array.from(magnitudes) };
}

/**
 * `librosa.pitch_tuning(frequencies, bins_per_octave=binsPerOctave)`.
 *
 * @param frequencies in Hz, all positive
 * @returns fraction of a bin, −0.5 to 0.49 in hundredths; 0 for no frequencies
 */
export function pitchTuning(frequencies: Float32Array, binsPerOctave: number): number {
  if (frequencies.length === 0) return 0;
  const votes = new Int32Array(VOTES);
  for (const hz of frequencies) {
    const octaves = Math.fround(Math.log2(Math.fround(hz / A440)));
    const bins = Math.fround(binsPerOctave * octaves);
    let residual = bins - Math.floor(bins);
    if (residual >= 0.5) residual -= 1;
    let vote = Math.min(VOTES - 1, Math.floor((residual + 0.5) * VOTES));
    if (vote > 0 && residual < edge(vote)) vote--;
    else if (vote < VOTES - 1 && residual >= edge(vote + 1)) vote++;
    votes[vote]++;
  }
  return edge(votes.indexOf(votes.reduce((most, n) => Math.max(most, n), 0)));
}

/**
 * `librosa.estimate_tuning(S=S, bins_per_octave=binsPerOctave)`: by the louder half of the peaks.
 *
 * @param spectrogram [frames, BINS], magnitudes or powers
 * @returns as pitchTuning
 */
export function estimateTuning(spectrogram: Float32Array, binsPerOctave: number): number {
  const { pitches, magnitudes } = piptrack(spectrogram);
  const threshold = median(magnitudes);
  return pitchTuning(pitches.filter((_, i) => magnitudes[i] >= threshold), binsPerOctave);
}

function edge(vote: number): number {
  return vote * (1 / VOTES) - 0.5;
}

function median(values: Float32Array): number {
  const sorted = values.toSorted();
  const half = values.length >> 1;
  return values.length % 2 === 1
    ? sorted[half]
    : Math.fround((sorted[half - 1] + sorted[half]) / 2);
}
