/** What several commands of the command line share. */
import type { Command } from "commander";
import { type Invocation, PRECISIONS } from "./options.ts";
import { device, word } from "./values.ts";

export interface Hooks {
  readonly columns: number;
  /** Takes a help text. */
  print(text: string): void;
  invoke(invocation: Invocation): void;
}

/** Adds a command with its help. */
export type Add = (name: string, description: string, examples: readonly string[]) => Command;

export function withDevice(command: Command): Command {
  return command.option(
    "--device <auto|gpu|cpu>",
    "what to compute on; gpu:NAME takes the adapter with NAME in its name",
    device,
    "auto",
  );
}

export function withPrecision(command: Command): Command {
  return command.option(
    `--precision <${PRECISIONS.join("|")}>`,
    "of the operands of products; f16 is half the memory for them, its losses scaled",
    word("--precision", PRECISIONS),
    PRECISIONS[0],
  );
}

export function withSkipBroken(command: Command): Command {
  return command.option("--skip-broken", "leave out files that cannot be used", false);
}

/** Understood by the program itself, wherever it stands; named here for the help. */
export function withDebug(command: Command): Command {
  return command.option("--debug", "show where an unexpected error came from");
}

/** `a`, `a or b`, `a, b or c`. */
export function list(words: readonly string[]): string {
  const last = words[words.length - 1];
  return words.length === 1 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
}
