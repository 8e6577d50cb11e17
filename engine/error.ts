/**
 * The one error that is a person's, not a program's: shown as a single line, exit code 2.
 * Every message says what was expected, what came, and what to do.
 */
export class UserError extends Error {
  /** Told apart by name, as errors are. */
  override readonly name = "UserError";
}
