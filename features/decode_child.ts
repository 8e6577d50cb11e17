/**
 * A process that decodes compressed audio for one that runs without WebAssembly bounds checks.
 * It may read its own sources and nothing else: bytes come on stdin, samples go to stdout, and it ends
 * when stdin does.
 */
import { encodeReply, ExactReader, readRequest } from "./decode_protocol.ts";
import type { DecodeReply } from "./decode_worker.ts";
import { WorkerDecoder } from "./decoder.ts";

using decoder = new WorkerDecoder();
const input = new ExactReader(Deno.stdin.readable);
const output = Deno.stdout.writable.getWriter();

for (let request = await readRequest(input); request; request = await readRequest(input)) {
  const reply: DecodeReply = await decoder.decode(request.bytes, request.format).catch(
    (error: Error) => ({ problem: error.message }),
  );
  await output.write(encodeReply(reply));
}
