/** ZIP archives of tiny recordings, sound and otherwise, made as the tests run. */
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";

/** A WAV file of `samples` samples that all are different: deflating it leaves something to break. */
export function tinyWav(samples: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(44 + 2 * samples);
  const view = new DataView(bytes.buffer);
  const text = (at: number, word: string) => bytes.set(new TextEncoder().encode(word), at);
  text(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, 48000, true);
  view.setUint32(28, 96000, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, 2 * samples, true);
  for (let i = 0; i < samples; i++) view.setInt16(44 + 2 * i, (i * 7919) % 30011, true);
  return bytes;
}

/** An archive of these files, in this order; a name that ends in `/` is a folder. */
export async function zipOf(
  files: Readonly<Record<string, Uint8Array>>,
  options: { readonly level?: number; readonly password?: string } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false, ...options });
  for (const [name, content] of Object.entries(files)) {
    await writer.add(name, name.endsWith("/") ? undefined : new Uint8ArrayReader(content));
  }
  return (await writer.close()).slice();
}

/** The same archive with `from` written as `to`, of the same length, wherever it stands: names. */
export function renamed(archive: Uint8Array, from: string, to: string): Uint8Array<ArrayBuffer> {
  const bytes = archive.slice();
  const [old, replacement] = [from, to].map((text) => new TextEncoder().encode(text));
  if (old.length !== replacement.length) throw new Error(`${from} and ${to} differ in length`);
  for (let at = 0; at + old.length <= bytes.length; at++) {
    if (old.every((byte, i) => bytes[at + i] === byte)) bytes.set(replacement, at);
  }
  return bytes;
}
