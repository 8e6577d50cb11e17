/** A command that decodes outside itself: a file that takes too long, then once more with time enough. */
import { decoderOutside } from "../../commands/confined_decoder.ts";
import { WorkerDecoder } from "../../features/decoder.ts";

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<Uint8Array<ArrayBuffer>>) => void) | null;
  postMessage(message: unknown, transfer?: Transferable[]): void;
};

scope.onmessage = async ({ data }) => {
  const told: unknown[] = [];
  for (const timeLimitMs of [0, 20_000]) {
    using decoder = new WorkerDecoder({
      timeLimitMs,
      start: () => decoderOutside((wanted, ports) => scope.postMessage(wanted, ports)),
    });
    told.push(
      await decoder.decode(data, "flac").then(
        ({ samples }) => samples.length,
        (error: Error) => error.message,
      ),
    );
  }
  scope.postMessage(told);
};
