/** JSON objects in files, read with care: a key given twice is refused. */
import { fail, shown } from "./byte_source.ts";
import { repeatedKey } from "./json_keys.ts";

/** The object that `text` holds; `what` names it in messages. Throws `UserError` for anything else. */
export function parseJsonObject(
  text: string,
  file: string,
  what = "it",
): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    fail(file, `${what} is not valid JSON`);
  }
  const repeated = repeatedKey(text);
  if (repeated !== undefined) fail(file, `${what} says ${shown(repeated)} twice`);
  return asObject(value, what, file);
}

/** `value`, if it is an object with names; throws `UserError`. */
export function asObject(value: unknown, what: string, file: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    fail(file, `${what} is not a JSON object`);
  }
  return value as Record<string, unknown>;
}
