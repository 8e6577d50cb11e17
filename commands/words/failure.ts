/**
 * How a command that failed ends: one line for stderr and an exit code. 2 is a person's mistake,
 * 130 a training that was asked to stop, 1 all that neither did: memory, a driver, a fault of ours.
 */
import { DeviceLostError, OutOfMemoryError } from "../../engine/backend.ts";
import { UserError } from "../../engine/error.ts";

/** A training that ended early and left something to go on with; the message says how. */
export class Stopped extends Error {
  override readonly name = "Stopped";
  readonly code: number;

  constructor(message: string, code: number, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A failure in another Worker, where it was put into words. */
export class Told extends Error {
  override readonly name = "Told";
  readonly failure: Failure;

  constructor(failure: Failure, stack?: string) {
    super(failure.line);
    this.failure = failure;
    if (stack !== undefined) this.stack = stack;
  }
}

export interface Failure {
  readonly line: string;
  readonly code: number;
  /** Nobody foresaw it: a stack trace would help. */
  readonly unexpected: boolean;
}

/** What to say of anything that was thrown. */
export function failureOf(error: unknown): Failure {
  const said = (message: string, code: number): Failure => ({
    line: oneLine(message),
    code,
    unexpected: false,
  });
  if (error instanceof Told) return error.failure;
  if (error instanceof UserError) return said(error.message, 2);
  if (error instanceof Stopped) return said(error.message, error.code);
  if (error instanceof DeviceLostError) {
    return said(`${error.message}; try again, or use --device cpu`, 1);
  }
  if (isOutOfMemory(error)) return said(error.message, 1);
  if (error instanceof Deno.errors.NotCapable) {
    return said(
      `Deno was not given a permission (${firstClause(error)}); start it by deno task, or add it`,
      2,
    );
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { ...said(`unexpected ${message} (--debug shows where)`, 1), unexpected: true };
}

/** No room on the device, or none for an array or a WebAssembly memory on the host. */
export function isOutOfMemory(error: unknown): error is Error {
  return error instanceof OutOfMemoryError ||
    error instanceof RangeError && /allocat/i.test(error.message);
}

/** Deno goes on to name a flag that nobody who uses tasks ever typed. */
function firstClause({ message }: Error): string {
  return message.split(/, | \(/)[0];
}

/** Words may come from a file's name or from a shell, line breaks and all. */
function oneLine(message: string): string {
  return message.replaceAll(/\s*[\r\n]+\s*/g, " ");
}
