/**
 * Recordings as they come from worse places: noise, a telephone's band, MP3, another level, a late start.
 * Used to try models, never to train them.
 */
import { Random } from "../engine/random.ts";
import type { CompressedDecoder } from "./decoder.ts";
import { throughMp3 } from "./mp3.ts";
import type { Audio } from "./wav.ts";

export interface Degradation {
  readonly name: string;
  /** `clip` is the recording's place among those tried: each has noise of its own, the same every time. */
  apply(audio: Audio, clip: number): Audio | Promise<Audio>;
}

/** What degradations need of others. */
export interface Means {
  /** For MP3. */
  readonly decoder: CompressedDecoder;
  /** Takes a recording to 16 kHz. */
  readonly resample: (audio: Audio) => Promise<Audio>;
}

/** Each alone; the first changes nothing. */
export function degradations({ decoder, resample }: Means): readonly Degradation[] {
  const noise = standardNoise();
  return [
    { name: "clean", apply: (audio) => audio },
    ...[20, 10, 5].map((decibels) => ({
      name: `white noise, ${decibels} dB below the speech`,
      apply: (audio: Audio, clip: number) => withNoise(audio, { decibels, noise, clip }),
    })),
    { name: "telephone band, 300 to 3,400 Hz", apply: (audio) => telephone(audio) },
    {
      name: "MP3 at 32 kbit/s, 16 kHz",
      apply: async (audio) => await throughMp3(await resample(audio), decoder),
    },
    { name: "12 dB louder, clipped at full scale", apply: (audio) => amplified(audio, 12) },
    { name: "12 dB softer", apply: (audio) => amplified(audio, -12) },
    { name: "one second of silence before it", apply: (audio) => delayed(audio, 1) },
  ];
}

/** Seed of the noise. */
const NOISE = 1;
/** Five seconds at 48 kHz: made once, for a normal number a sample would take minutes. */
const NOISE_LENGTH = 2 ** 18;

/** Standard normal numbers (Box and Muller), the same every time. */
export function standardNoise(): Float32Array {
  const random = Random.of(NOISE, "noise");
  return Float32Array.from({ length: NOISE_LENGTH }, () => {
    const radius = Math.sqrt(-2 * Math.log((random.nextU32() + 1) / 2 ** 32));
    return radius * Math.cos(2 * Math.PI * random.nextU32() / 2 ** 32);
  });
}

/**
 * White noise whose level lies `decibels` below the recording's, root mean square against the same.
 * It is read out of `noise` from a place of the clip's own on, round.
 */
export function withNoise(
  { samples, sampleRate }: Audio,
  { decibels, noise, clip }: {
    readonly decibels: number;
    readonly noise: Float32Array;
    readonly clip: number;
  },
): Audio {
  const level = rootMeanSquare(samples) * 10 ** (-decibels / 20);
  const first = Random.of(NOISE, `clip ${clip}`).below(noise.length);
  return {
    samples: samples.map((x, i) => x + level * noise[(first + i) % noise.length]),
    sampleRate,
  };
}

/** Butterworth filters of fourth order at both ends of the band, each as two sections of second order. */
export function telephone({ samples, sampleRate }: Audio): Audio {
  const qualities = [0.541196, 1.306563]; // of a fourth-order Butterworth filter's sections
  const sections = qualities.flatMap((quality) => [
    section("high", 300, { sampleRate, quality }),
    section("low", Math.min(3400, 0.45 * sampleRate), { sampleRate, quality }),
  ]);
  return { samples: sections.reduce(filtered, samples), sampleRate };
}

export function amplified({ samples, sampleRate }: Audio, decibels: number): Audio {
  const factor = 10 ** (decibels / 20);
  return { samples: samples.map((x) => Math.max(-1, Math.min(1, factor * x))), sampleRate };
}

export function delayed({ samples, sampleRate }: Audio, seconds: number): Audio {
  const before = Math.round(seconds * sampleRate);
  const late = new Float32Array(before + samples.length);
  late.set(samples, before);
  return { samples: late, sampleRate };
}

/** b0, b1, b2, a1, a2 of y = b0 x + b1 x₋₁ + b2 x₋₂ − a1 y₋₁ − a2 y₋₂. */
type Section = readonly [number, number, number, number, number];

/** A low or high pass of second order by the bilinear transform. */
function section(
  pass: "low" | "high",
  hz: number,
  { sampleRate, quality }: { readonly sampleRate: number; readonly quality: number },
): Section {
  const angle = 2 * Math.PI * hz / sampleRate;
  const cosine = Math.cos(angle);
  const alpha = Math.sin(angle) / (2 * quality);
  const sign = pass === "low" ? 1 : -1;
  const edge = (1 - sign * cosine) / 2;
  const scale = 1 / (1 + alpha);
  return [
    edge * scale,
    sign * 2 * edge * scale,
    edge * scale,
    -2 * cosine * scale,
    (1 - alpha) * scale,
  ];
}

function filtered(
  samples: Float32Array<ArrayBuffer>,
  [b0, b1, b2, a1, a2]: Section,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(samples.length);
  let x1 = 0, x2 = 0, y1 = 0, y2 = 0;
  for (let i = 0; i < samples.length; i++) {
    const x = samples[i];
    const y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
    out[i] = y;
  }
  return out;
}

function rootMeanSquare(samples: Float32Array): number {
  let sum = 0;
  for (const x of samples) sum += x * x;
  return Math.sqrt(sum / samples.length);
}
