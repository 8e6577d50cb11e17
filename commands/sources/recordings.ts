/** Whether a folder holds the recordings it should, each to its end, and in words what is not there. */
import { join } from "node:path";
import { UserError } from "../../engine/error.ts";
import { fileError } from "../../report/files.ts";
import { count, counted } from "../../report/words.ts";

const HEAD = 8;
const NAMED_AT_MOST = 3;

/** `none`: there is no folder, or nothing in it. */
export type Survey =
  | { readonly state: "none" }
  | { readonly state: "whole" }
  | { readonly state: "lacking"; readonly words: string };

/** Looks at a folder of WAV files. Throws `UserError` where there is something else of its name. */
export async function survey(folder: string, wanted: readonly string[]): Promise<Survey> {
  if (await isEmpty(folder)) return { state: "none" };
  const missing: string[] = [];
  const cut: string[] = [];
  for (const name of wanted) {
    const state = await wavState(join(folder, name));
    if (state === "missing") missing.push(name);
    if (state === "cut") cut.push(name);
  }
  const words = lackingWords(wanted, { missing, cut });
  return words === undefined ? { state: "whole" } : { state: "lacking", words };
}

/** `of 1,440 recordings, 2 missing (A and B)`; undefined where nothing is. */
export function lackingWords(
  wanted: readonly string[],
  { missing, cut = [] }: { readonly missing: readonly string[]; readonly cut?: readonly string[] },
): string | undefined {
  const words = ([[missing, "missing"], [cut, "cut short or no WAV"]] as const)
    .filter(([names]) => names.length > 0)
    .map(([names, what]) => `${count(names.length)} ${what} (${listed(names)})`);
  return words.length === 0
    ? undefined
    : `of ${counted(wanted.length, "recording")}, ${words.join(" and ")}`;
}

async function isEmpty(folder: string): Promise<boolean> {
  try {
    for await (const _ of Deno.readDir(folder)) return false;
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    if (error instanceof Deno.errors.NotADirectory) {
      throw new UserError(`${folder} is a file; expected a folder, or nothing yet`);
    }
    throw fileError(error, "read", folder);
  }
}

/** A WAV file says in its head how long it is. */
async function wavState(path: string): Promise<"missing" | "cut" | "whole"> {
  try {
    using file = await Deno.open(path);
    const head = new Uint8Array(HEAD);
    const { isFile, size } = await file.stat();
    if (!isFile || await file.read(head) !== HEAD) return "cut";
    const riff = new TextDecoder().decode(head.subarray(0, 4)) === "RIFF";
    return riff && new DataView(head.buffer).getUint32(4, true) + HEAD <= size ? "whole" : "cut";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "missing";
    throw fileError(error, "read", path);
  }
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMED_AT_MOST;
  return names.slice(0, NAMED_AT_MOST).join(", ") + (more > 0 ? ` and ${count(more)} more` : "");
}
