/**
 * A Worker that decodes compressed audio, so that whoever waits can end a decoder that hangs.
 * Takes { bytes, format } and answers { samples, sampleRate } or { problem }; one file at a time.
 */
import { type CompressedFormat, decodeCompressed } from "./compressed.ts";

export interface DecodeRequest {
  bytes: Uint8Array<ArrayBuffer>;
  format: CompressedFormat;
}

export type DecodeReply =
  | { samples: Float32Array<ArrayBuffer>; sampleRate: number }
  | { problem: string };

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<DecodeRequest>) => void) | null;
  postMessage(reply: DecodeReply, transfer?: Transferable[]): void;
};

// mpg123 reports every bad frame here; what matters comes back as a problem
console.error = () => {};

scope.onmessage = async ({ data }) => {
  try {
    const audio = await decodeCompressed(data.bytes, data.format);
    scope.postMessage(audio, [audio.samples.buffer]);
  } catch (error) {
    scope.postMessage({ problem: error instanceof Error ? error.message : String(error) });
  }
};
