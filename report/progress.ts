/**
 * Live progress of anything that takes long: a bar where a person watches, plain lines elsewhere.
 * It goes to stderr, so that stdout holds results alone.
 */
import cliProgress from "cli-progress";
import process from "node:process";
import { barLine, plainLine, type ProgressState } from "./progress_line.ts";

/** One thing at a time: `start` ends what was shown before. */
export interface Progress {
  /** Shows `label` with `done` of `total`; `done` is above 0 when earlier work is taken up again. */
  start(label: string, total: number, done?: number): void;
  /** `done` may be a part of a unit; `info` is a few words such as `loss 1.23  accuracy 41.0 %`. */
  update(done: number, info?: string): void;
  /** Leaves the last state standing. Does nothing when nothing was started. */
  stop(): void;
  /** Prints a line of its own, above the bar where there is one. */
  line(text: string): void;
}

/** What progress is shown on; stderr in earnest, anything in a test. */
export interface ProgressOutput {
  write(text: string): void;
  /** Milliseconds, from any start. */
  now(): number;
}

/** Progress on stderr: a bar if that is a terminal, else plain lines. */
export function createProgress(): Progress {
  return process.stderr.isTTY
    ? new BarProgress(process.stderr)
    : new LineProgress({ write: writeToStderr, now: () => performance.now() });
}

function writeToStderr(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let i = 0; i < bytes.length;) i += Deno.stderr.writeSync(bytes.subarray(i));
}

/** The part of a `cli-progress` bar that is used here; the package brings no types. */
interface Bar {
  start(total: number, done: number, payload: { info: string }): void;
  update(done: number, payload?: { info: string }): void;
  render(force: boolean): void;
  stop(): void;
}

/** A bar that redraws itself in place. */
export class BarProgress implements Progress {
  readonly #stream: typeof process.stderr;
  #bar: Bar | undefined;

  constructor(stream: typeof process.stderr) {
    this.#stream = stream;
  }

  start(label: string, total: number, done = 0): void {
    this.stop();
    const startedAt = performance.now();
    const format = (_: unknown, { value }: { value: number }, { info }: { info: string }) =>
      barLine({
        label,
        total,
        done: value,
        info,
        startedWith: done,
        seconds: (performance.now() - startedAt) / 1000,
      }, this.#stream.columns || 80);
    this.#bar = new cliProgress.SingleBar({
      format,
      stream: this.#stream,
      fps: 8,
      // Ctrl-C is the command's own matter, and a killed process must leave the terminal as it was.
      gracefulExit: false,
      hideCursor: null,
      linewrap: true,
    }) as Bar;
    this.#bar.start(total, done, { info: "" });
  }

  update(done: number, info?: string): void {
    this.#bar?.update(done, info === undefined ? undefined : { info });
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }

  line(text: string): void {
    if (this.#bar === undefined) {
      this.#stream.write(`${text}\n`);
    } else {
      // The bar returns to the cursor it saved when it ends: it now stands a line lower.
      this.#stream.write(`\r\x1b[K${text}\n\x1b7`);
      this.#bar.render(true);
    }
  }
}

const SECONDS_BETWEEN_LINES = 10;
const FEW = 100;

/**
 * Plain lines: one a unit where there are few units (epochs), else one for every tenth of the work;
 * also one whenever ten seconds went by without any.
 */
export class LineProgress implements Progress {
  readonly #output: ProgressOutput;
  #state: ProgressState | undefined;
  #startedAt = 0;
  #shown = 0;
  #shownAt = 0;

  constructor(output: ProgressOutput) {
    this.#output = output;
  }

  start(label: string, total: number, done = 0): void {
    this.stop();
    this.#startedAt = this.#shownAt = this.#output.now();
    this.#shown = done;
    this.#state = { label, total, done, info: "", startedWith: done, seconds: 0 };
  }

  update(done: number, info?: string): void {
    if (this.#state === undefined) return;
    this.#state = { ...this.#state, done, info: info ?? this.#state.info };
    const { total } = this.#state;
    const unit = total <= FEW ? 1 : total / 10;
    const now = this.#output.now();
    const late = now - this.#shownAt >= 1000 * SECONDS_BETWEEN_LINES && done > this.#shown;
    if (late || Math.floor(done / unit) > Math.floor(this.#shown / unit)) this.#show(now);
  }

  stop(): void {
    if (this.#state !== undefined && this.#state.done > this.#shown) this.#show(this.#output.now());
    this.#state = undefined;
  }

  line(text: string): void {
    this.#output.write(`${text}\n`);
  }

  #show(now: number): void {
    if (this.#state === undefined) return;
    this.#shown = this.#state.done;
    this.#shownAt = now;
    const seconds = (now - this.#startedAt) / 1000;
    this.#output.write(`${plainLine({ ...this.#state, seconds })}\n`);
  }
}
