/**
 * `listen`: the current emotion of what comes in on standard input, a line a second. A live source that
 * is faster than the model loses seconds, which are told; a file that is piped in loses none.
 */
import { UserError } from "../engine/error.ts";
import { levelsOf, thresholdsOf } from "../features/speech.ts";
import { joinedSamples } from "../features/wav.ts";
import { clock, percent } from "../report/words.ts";
import { type Judge, openJudge } from "./hear/judge.ts";
import { StreamDecoder, Window } from "./hear/live.ts";
import type { ListenOptions } from "./words/options.ts";
import { SPAN } from "./hear/stretches.ts";

/** Seconds that the threshold of speech is made of. */
const REMEMBERED = 30;
/** Hundredths of a second in which somebody must be heard for a verdict. */
const SPOKEN = 15;
/** Seconds waiting after which a live source is too fast; and most that are ever held. */
const BEHIND = 3;
const HELD = 10;

export async function listen({ rate, run, device }: ListenOptions): Promise<void> {
  if (Deno.stdin.isTerminal()) {
    throw new UserError("standard input is a terminal: pipe sound into listen (--help shows how)");
  }
  using opened = await openJudge(run, device);
  for (const line of opened.judge.warnings) console.error(line);
  const source = { bytes: Deno.stdin.readable, rate };
  for await (const line of follow(source, opened.judge)) console.log(line);
}

export interface LiveSource {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Hz, of raw samples. */
  readonly rate: number;
}

/** Lines, one a second of sound that was judged. `now` gives milliseconds. */
export async function* follow(
  source: LiveSource,
  judge: Judge,
  now: () => number = () => performance.now(),
): AsyncGenerator<string> {
  const inbox = new Inbox(source, now);
  let window: Window | undefined;
  let memory: Window | undefined;
  let skipped = 0;
  for (let second = 1;; second++) {
    const samples = await inbox.next();
    if (samples === undefined) return;
    const sampleRate = samples.length;
    window ??= new Window(SPAN * sampleRate);
    memory ??= new Window(REMEMBERED * 100);
    window.push(samples);
    const { db } = levelsOf(samples, sampleRate);
    memory.push(db);
    if (inbox.behind()) {
      skipped++;
      continue;
    }
    const threshold = thresholdsOf(memory.samples).at(-1)!;
    const spoken = db.reduce((count, level) => level >= threshold ? count + 1 : count, 0);
    const piece = { sampleRate, read: () => Promise.resolve(window!.samples) };
    const heard = window.samples.length / sampleRate;
    const verdict = spoken < SPOKEN
      ? undefined
      : (await judge.judge(piece, [{ from: 0, to: heard }]))[0];
    const words = verdict ? `${verdict.label.padEnd(10)} ${percent(verdict.confidence, 0)}` : "–";
    const late = skipped > 0 ? `  (${skipped} s skipped)` : "";
    skipped = 0;
    yield `${clock(second)}  ${words}${late}`.trimEnd();
  }
}

/** Whole seconds of samples in order, read ahead as far as they may be held. */
class Inbox {
  readonly #now: () => number;
  readonly #decoder: StreamDecoder;
  readonly #waiting: Float32Array<ArrayBuffer>[] = [];
  #begin: number | undefined;
  #seconds = 0;
  #ended = false;
  #failure: unknown;
  #wake = () => {};
  #room = () => {};

  constructor({ bytes, rate }: LiveSource, now: () => number) {
    this.#now = now;
    this.#decoder = new StreamDecoder(rate);
    this.#read(bytes).catch((error) => this.#failure = error).finally(() => {
      this.#ended = true;
      this.#wake();
    });
  }

  async #read(bytes: AsyncIterable<Uint8Array>): Promise<void> {
    let rest = new Float32Array(0);
    let any = false;
    for await (const chunk of bytes) {
      any ||= chunk.length > 0;
      this.#begin ??= this.#now();
      const samples = this.#decoder.decode(chunk);
      const all = joinedSamples(rest, samples);
      const { sampleRate } = this.#decoder;
      let at = 0;
      for (; at + sampleRate <= all.length; at += sampleRate) {
        while (this.#waiting.length >= HELD) {
          await new Promise<void>((resolve) => this.#room = resolve);
        }
        this.#waiting.push(all.slice(at, at + sampleRate));
        this.#seconds++;
        this.#wake();
      }
      rest = all.slice(at);
    }
    if (!any) throw new UserError("nothing came on standard input (--help shows what to pipe)");
  }

  /** The next second, once it is there; undefined after the last. */
  async next(): Promise<Float32Array<ArrayBuffer> | undefined> {
    // the reader takes what came while a verdict was made, so that `behind` sees it
    await new Promise((resolve) => setTimeout(resolve));
    while (this.#waiting.length === 0) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const samples = this.#waiting.shift();
    this.#room();
    return samples;
  }

  /** Whether seconds wait that came no faster than they were spoken: what came faster can wait. */
  behind(): boolean {
    const elapsed = (this.#now() - (this.#begin ?? 0)) / 1000;
    return this.#waiting.length >= BEHIND && this.#seconds <= elapsed + BEHIND;
  }
}
