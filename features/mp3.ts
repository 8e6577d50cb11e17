/**
 * A recording as MP3 leaves it, to try models on: encoded at 16 kHz, one channel, 32 kbit/s, and
 * decoded as anybody's file is. The encoder is LAME in JavaScript, so that no WebAssembly of others
 * runs here, and is loaded by whoever asks for it alone.
 */
import type { CompressedDecoder } from "./decoder.ts";
import type { Audio } from "./wav.ts";

/** Hz and kbit/s: what spoken word is put on the web at, at its poorest. */
const RATE = 16_000;
const KILOBITS = 32;

/**
 * MP3 of samples at 16 kHz.
 *
 * @throws Error samples at another rate
 */
export async function encodeMp3({ samples, sampleRate }: Audio): Promise<Uint8Array<ArrayBuffer>> {
  if (sampleRate !== RATE) throw new Error(`encodeMp3: ${sampleRate} Hz, expected ${RATE}`);
  const { Mp3Encoder } = await import("@breezystack/lamejs");
  const encoder = new Mp3Encoder(1, RATE, KILOBITS);
  const whole = Int16Array.from(
    samples,
    (x) => Math.round(32_767 * Math.max(-1, Math.min(1, x))),
  );
  const parts = [encoder.encodeBuffer(whole), encoder.flush()];
  return new Uint8Array(await new Blob(parts.map((part) => new Uint8Array(part))).arrayBuffer());
}

/** There and back; a few hundredths of a second of quiet come to stand around it, as MP3 has it. */
export async function throughMp3(audio: Audio, decoder: CompressedDecoder): Promise<Audio> {
  return await decoder.decode(await encodeMp3(audio), "mp3");
}
