/**
 * The inside of `confined.ts`: a Worker that does one command and replies with what it made, or with
 * what went wrong in words. It may write nothing but what it says on standard output and error.
 */
import { WorkerDecoder } from "../features/decoder.ts";
import type { Answer, Confined, Reply } from "./confined_answer.ts";
import { decoderOutside, type DecoderWanted } from "./confined_decoder.ts";
import { failureOf } from "./words/failure.ts";

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<Confined>) => void) | null;
  postMessage(reply: Reply | DecoderWanted, transfer?: Transferable[]): void;
  addEventListener: typeof globalThis.addEventListener;
};

scope.onmessage = ({ data }) =>
  work(data).then((answer) => scope.postMessage({ answer: answer ?? {} }), fail);

scope.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  fail(event.reason);
});

async function work(invocation: Confined): Promise<Answer | void> {
  using decoder = new WorkerDecoder({
    start: () => decoderOutside((wanted, ports) => scope.postMessage(wanted, ports)),
  });
  switch (invocation.command) {
    case "predict":
      return await (await import("./predict.ts")).predict(invocation.options, decoder);
    case "embed":
      return await (await import("./embed.ts")).embed(invocation.options, decoder);
    case "timeline":
      return await (await import("./timeline.ts")).timeline(invocation.options, decoder);
    case "subtitle":
      return await (await import("./subtitle.ts")).subtitle(invocation.options, decoder);
    case "braille":
      return await (await import("./braille.ts")).braille(invocation.options);
    case "listen":
      return await (await import("./listen.ts")).listen(invocation.options);
  }
}

function fail(error: unknown): void {
  if (error instanceof Deno.errors.BrokenPipe) return scope.postMessage({ gone: true });
  const stack = error instanceof Error ? error.stack : undefined;
  scope.postMessage({ failure: failureOf(error), stack });
}
