/**
 * A Worker that decodes compressed audio, so that whoever waits can end a decoder that hangs.
 * Takes { bytes, format } of a whole file, or pieces of one in turn, and answers each with
 * { samples, sampleRate } or { problem }; one file at a time. Whoever starts it may hand in a port
 * instead, and whoever holds the other end asks.
 */
import { CompressedStream, decodeCompressed } from "./compressed.ts";
import type { CompressedFormat } from "./format.ts";
import type { Audio } from "./wav.ts";

export interface DecodeRequest {
  bytes: Uint8Array<ArrayBuffer>;
  format: CompressedFormat;
}

/** Bytes of a file that is read piece by piece; the last piece has none. */
export interface PieceRequest extends DecodeRequest {
  piece: "first" | "next" | "last";
}

export type DecodeReply =
  | { samples: Float32Array<ArrayBuffer>; sampleRate: number }
  | { problem: string };

interface Asker {
  onmessage: ((event: MessageEvent<DecodeRequest | PieceRequest>) => void) | null;
  postMessage(reply: DecodeReply, transfer: Transferable[]): void;
}

// mpg123 reports every bad frame here; what matters comes back as a problem
console.error = () => {};

serve(self as unknown as Asker);

function serve(asker: Asker): void {
  asker.onmessage = async ({ data, ports: [port] }) => {
    if (port) return serve(port);
    try {
      const audio = await answer(data);
      asker.postMessage(audio, [audio.samples.buffer]);
    } catch (error) {
      asker.postMessage({ problem: error instanceof Error ? error.message : String(error) }, []);
    }
  };
}

let stream: CompressedStream | undefined;

async function answer(request: DecodeRequest | PieceRequest): Promise<Audio> {
  const { bytes, format } = request;
  if (!("piece" in request)) return await decodeCompressed(bytes, format);
  if (request.piece === "first") stream = await CompressedStream.open(format);
  return request.piece === "last" ? await stream!.end() : await stream!.feed(bytes);
}
