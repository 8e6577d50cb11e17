/**
 * The decoder of a confined command: a Worker beside the command's own, started by the main side when the
 * command asks for it, since Deno takes a second to start a Worker inside a Worker. The command talks to
 * it over a port, and has it ended over another; it may read the program's parts, and no named file.
 */
import type { DecodeReply } from "../features/decode_worker.ts";
import type { DecodeWorker } from "../features/decoder.ts";

/** What the command's side sends when it wants a decoder. */
export interface DecoderWanted {
  /** Requests come and replies go here. */
  readonly requests: MessagePort;
  /** Why the decoder crashed goes here; anything that comes asks for its end. */
  readonly fate: MessagePort;
}

/** On the command's side; `send` takes what is wanted to the main side. */
export function decoderOutside(
  send: (wanted: DecoderWanted, transfer: Transferable[]) => void,
): DecodeWorker {
  const [requests, fate] = [new MessageChannel(), new MessageChannel()];
  send({ requests: requests.port2, fate: fate.port2 }, [requests.port2, fate.port2]);
  return {
    ask: (request, { reply, crash }) => {
      requests.port1.onmessage = ({ data }: MessageEvent<DecodeReply>) => reply(data);
      fate.port1.onmessage = ({ data }: MessageEvent<string>) => crash(data);
      requests.port1.postMessage(request);
    },
    [Symbol.dispose]: () => {
      fate.port1.postMessage("end");
      requests.port1.close();
      fate.port1.close();
    },
  };
}

/** On the main side: the Worker that was wanted. */
export function startDecoder(
  { requests, fate }: DecoderWanted,
  permissions: Deno.PermissionOptionsObject,
): Worker {
  const script = new URL("../features/decode_worker.ts", import.meta.url);
  const worker = new Worker(script, { type: "module", deno: { permissions } });
  worker.onerror = (event) => {
    event.preventDefault();
    fate.postMessage(event.message);
  };
  fate.onmessage = () => {
    worker.terminate();
    fate.close();
  };
  worker.postMessage(null, [requests]);
  return worker;
}
