/** What is asked of a confined command (`confined.ts`), what it makes, and how that comes out of its Worker. */
import type { Failure } from "./words/failure.ts";
import type { Invocation } from "./words/options.ts";

export type Confined = Extract<
  Invocation,
  { command: "predict" | "timeline" | "subtitle" | "braille" | "listen" | "embed" }
>;

/** What a confined command made. */
export interface Answer {
  /** For the file that was asked for, else for standard output. */
  readonly content?: string | Uint8Array;
  /** Said on standard error once that is written. */
  readonly said?: string;
  /** Why the command failed all the same. */
  readonly problem?: string;
}

export type Reply =
  | { readonly answer: Answer }
  | { readonly failure: Failure; readonly stack?: string }
  /** Whoever read standard output went away. */
  | { readonly gone: true };
