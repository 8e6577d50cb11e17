/**
 * What was taken from a checkpoint and what was not, in words: nothing is dropped or made up without
 * a line that says so.
 */
import { shownShape } from "../../engine/io/byte_source.ts";
import { BACKBONE, type Match } from "./checkpoint_names.ts";

/** Parts of pretraining that no other task needs, and the head of speech recognition. */
const BY_DESIGN: ReadonlyMap<string, string> = new Map([
  ["quantizer", "of pretraining"],
  ["project_q", "of pretraining"],
  ["project_hid", "of pretraining"],
  ["lm_head", "the letters of speech recognition"],
]);

/** A few lines for the terminal and for a run's notes. */
export function loadReport({ file, loaded, leftOver, missing, mismatched, head }: Match): string[] {
  const total = loaded.size + missing.length + mismatched.length;
  const lines = [`${file}: ${loaded.size} of the network's ${total} tensors are loaded`];
  for (const [reason, names] of groupBy(leftOver, reasonFor)) {
    lines.push(`left over: ${grouped(names)}${reason === "" ? "" : ` (${reason})`}`);
  }
  const backbone = missing.filter((name) => name.startsWith(BACKBONE));
  if (backbone.length > 0) lines.push(`made fresh, for training alone: ${backbone.join(", ")}`);
  if (head === "fresh") {
    const lost = missing.filter((name) => !name.startsWith(BACKBONE));
    const why = [
      ...mismatched.map(({ name, expected, found }) =>
        `${name} is ${shownShape(found)} in the file, ${shownShape(expected)} here`
      ),
      ...(lost.length > 0 ? [`${lost.join(", ")} not taken from the file`] : []),
    ];
    lines.push(`the head is fresh and must be trained: ${why.join("; ")}`);
  }
  return lines;
}

function reasonFor(name: string): string {
  const reason = BY_DESIGN.get(name.split(".")[0]);
  if (reason !== undefined) return `${reason}: left over by design`;
  return name.startsWith(BACKBONE) ? "" : "a head of another kind";
}

/** `quantizer.* (3 tensors), lm_head.* (2 tensors)`; a tensor alone goes by its own name. */
function grouped(names: readonly string[]): string {
  const stem = (name: string) =>
    name.includes(".") ? `${name.slice(0, name.lastIndexOf("."))}.*` : name;
  const top = (name: string) =>
    BY_DESIGN.has(name.split(".")[0]) ? `${name.split(".")[0]}.*` : stem(name);
  return [...groupBy(names, top)]
    .map(([group, members]) =>
      members.length === 1 ? members[0] : `${group} (${members.length} tensors)`
    )
    .join(", ");
}

function groupBy(names: readonly string[], keyOf: (name: string) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const key = keyOf(name);
    groups.set(key, [...groups.get(key) ?? [], name]);
  }
  return groups;
}
