/**
 * FLAC, MP3, Ogg Vorbis, Opus and M4A/AAC to mono samples, through `audio-decode`.
 * Its decoders are other people's WebAssembly run over strangers' files: they are called only inside
 * decode_worker.ts, where a hang can be ended, and never in a process without bounds checks.
 */
import decode from "audio-decode";
import { UserError } from "../engine/error.ts";
import { type Audio, checkFinite } from "./wav.ts";

export type AudioFormat = "wav" | "flac" | "mp3" | "ogg" | "opus" | "m4a" | "aac";
export type CompressedFormat = Exclude<AudioFormat, "wav">;

const DECODERS = {
  flac: decode.flac,
  mp3: decode.mp3,
  ogg: decode.oga,
  opus: decode.opus,
  m4a: decode.m4a,
  aac: decode.aac,
} satisfies Record<CompressedFormat, unknown>;

/**
 * Decode a whole compressed file.
 *
 * @throws UserError what is wrong with the file, without its name
 */
export async function decodeCompressed(
  bytes: Uint8Array<ArrayBuffer>,
  format: CompressedFormat,
): Promise<Audio> {
  const pieces: { channelData: Float32Array[]; sampleRate: number }[] = [];
  try {
    const decoder = await DECODERS[format]();
    pieces.push(await decoder(bytes), await decoder());
  } catch (error) {
    throw new UserError(`broken ${format.toUpperCase()}: ${reason(error)}`);
  }
  const full = pieces.filter((piece) => piece.channelData.length > 0);
  if (full.length === 0) throw new UserError(`broken ${format.toUpperCase()}: no sound in it`);
  const samples = new Float32Array(
    full.reduce((sum, piece) => sum + piece.channelData[0].length, 0),
  );
  let at = 0;
  for (const { channelData } of full) {
    const length = channelData[0].length;
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (const channel of channelData) sum += channel[i];
      samples[at++] = sum / channelData.length;
    }
  }
  checkFinite(samples);
  if (format === "flac") checkFlacLength(bytes, samples.length);
  return { samples, sampleRate: full[0].sampleRate };
}

/** FLAC says in its first block how many samples it holds (RFC 9639, 8.2); 0 is "unknown". */
function checkFlacLength(bytes: Uint8Array, got: number): void {
  if (bytes.length < 26 || String.fromCharCode(...bytes.subarray(0, 4)) !== "fLaC") return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const promised = (bytes[21] & 15) * 2 ** 32 + view.getUint32(22);
  if (promised > 0 && got < promised) {
    throw new UserError(`truncated FLAC: it says ${promised} samples, ${got} are there`);
  }
}

function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0].slice(0, 120) || "its decoder failed";
}
