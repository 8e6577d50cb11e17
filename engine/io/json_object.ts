/** JSON files that hold one object, read with care: a key given twice is refused. */
import { fail, shown } from "./byte_source.ts";
import { repeatedKey } from "./json_keys.ts";

/** The object that `text` holds. Throws `UserError` for anything else. */
export function parseJsonObject(text: string, file: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    fail(file, "it is not valid JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    fail(file, "it is not a JSON object");
  }
  const repeated = repeatedKey(text);
  if (repeated !== undefined) fail(file, `it says ${shown(repeated)} twice`);
  return value as Record<string, unknown>;
}
