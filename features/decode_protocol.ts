/**
 * The talk between a process and its decoding child, over the child's stdin and stdout.
 * A request is [u32 length, u8 format, bytes]; a reply [u32 length, u32 rate, f32 samples], or rate 0 and
 * the problem as text. Lengths count what follows the 8 or 5 bytes of head; all little-endian.
 */
import { COMPRESSED_FORMATS } from "./format.ts";
import type { DecodeReply, DecodeRequest } from "./decode_worker.ts";

const REQUEST_HEAD = 5;
const REPLY_HEAD = 8;

export function encodeRequest({ bytes, format }: DecodeRequest): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(REQUEST_HEAD + bytes.length);
  new DataView(message.buffer).setUint32(0, bytes.length, true);
  message[4] = COMPRESSED_FORMATS.indexOf(format);
  message.set(bytes, REQUEST_HEAD);
  return message;
}

/** The next request, or null at the end of the stream. */
export async function readRequest(from: ExactReader): Promise<DecodeRequest | null> {
  const head = await from.read(REQUEST_HEAD);
  if (!head) return null;
  const bytes = await from.read(new DataView(head.buffer).getUint32(0, true));
  return bytes && { bytes, format: COMPRESSED_FORMATS[head[4]] };
}

export function encodeReply(reply: DecodeReply): Uint8Array<ArrayBuffer> {
  const failed = "problem" in reply;
  const body = failed
    ? new TextEncoder().encode(reply.problem)
    : new Uint8Array(reply.samples.buffer, reply.samples.byteOffset, reply.samples.byteLength);
  const message = new Uint8Array(REPLY_HEAD + body.length);
  const view = new DataView(message.buffer);
  view.setUint32(0, body.length, true);
  view.setUint32(4, failed ? 0 : reply.sampleRate, true);
  message.set(body, REPLY_HEAD);
  return message;
}

/** The next reply, or null when the child has gone. */
export async function readReply(from: ExactReader): Promise<DecodeReply | null> {
  const head = await from.read(REPLY_HEAD);
  if (!head) return null;
  const view = new DataView(head.buffer);
  const body = await from.read(view.getUint32(0, true));
  if (!body) return null;
  const sampleRate = view.getUint32(4, true);
  if (sampleRate === 0) return { problem: new TextDecoder().decode(body) };
  return { samples: new Float32Array(body.buffer), sampleRate };
}

/** Reads exact numbers of bytes from a stream of chunks. */
export class ExactReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest = new Uint8Array(0);

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** `count` bytes in a buffer of their own, or null when the stream ends before. */
  async read(count: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const out = new Uint8Array(count);
    let filled = 0;
    while (true) {
      const part = this.#rest.subarray(0, count - filled);
      out.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
      if (filled === count) return out;
      const { done, value } = await this.#reader.read();
      if (done) return null;
      this.#rest = new Uint8Array(value);
    }
  }
}
