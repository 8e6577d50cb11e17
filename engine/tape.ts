/**
 * The tape: which ops ran, in order, with what their gradients need. Ops append to it in `apply`;
 * `backward` pops it from the end, so every entry is met after all that used its outputs.
 */
import type { Tensor } from "./tensor.ts";

/** Computes the gradients of an op's inputs from those of its outputs; null where none flows. */
export type BackwardFn = (grads: readonly (Tensor | null)[]) => readonly (Tensor | null)[];

/** One op that ran. */
export interface TapeEntry {
  /** Its name. */
  readonly op: string;
  /** What it read. */
  readonly inputs: readonly Tensor[];
  /** Which inputs want a gradient, in the order of `inputs`. */
  readonly wants: readonly boolean[];
  /** Ids of the tensors it made. */
  readonly outputIds: readonly number[];
  /** Its gradient. */
  readonly backward: BackwardFn;
  /** Frees what was saved for the gradient. */
  release(): void;
}

/** The ops that ran, in order. */
export class Tape {
  readonly #entries: TapeEntry[] = [];
  #pauses = 0;

  /** False within `paused`. */
  get recording(): boolean {
    return this.#pauses === 0;
  }

  /** Number of entries. */
  get length(): number {
    return this.#entries.length;
  }

  /** Whether a recorded op made the tensor of this id. */
  made(id: number): boolean {
    return this.#entries.findLast((e) => e.outputIds.includes(id)) !== undefined;
  }

  /** Appends an entry. */
  push(entry: TapeEntry): void {
    this.#entries.push(entry);
  }

  /** Takes the last entry off, for the caller to use and release. */
  pop(): TapeEntry | undefined {
    return this.#entries.pop();
  }

  /** Runs `body` without recording. */
  paused<T>(body: () => T): T {
    this.#pauses++;
    try {
      return body();
    } finally {
      this.#pauses--;
    }
  }

  /** Records what `body` runs, even within `paused`: an op's gradient may need ops run again. */
  resumed<T>(body: () => T): T {
    const pauses = this.#pauses;
    this.#pauses = 0;
    try {
      return body();
    } finally {
      this.#pauses = pauses;
    }
  }

  /** Forgets everything recorded and frees what it saved. */
  clear(): void {
    for (let entry = this.pop(); entry; entry = this.pop()) entry.release();
  }
}
