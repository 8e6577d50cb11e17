/** Ctrl-C while training: the first asks for a clean end, a second one ends at once. */
import type { Progress } from "../../report/progress.ts";

/** The exit code of a program that Ctrl-C ended (128 + SIGINT). */
export const INTERRUPTED = 130;

export class Interrupt {
  readonly #controller = new AbortController();
  readonly #listener: () => void;

  constructor(progress: Progress) {
    this.#listener = () => {
      if (this.signal.aborted) Deno.exit(INTERRUPTED);
      progress.line("finishing this step…");
      this.#controller.abort();
    };
    Deno.addSignalListener("SIGINT", this.#listener);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    Deno.removeSignalListener("SIGINT", this.#listener);
  }
}
