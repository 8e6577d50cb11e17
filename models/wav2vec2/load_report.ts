/**
 * What was taken from a checkpoint and what was not, in words: nothing is dropped or made up without
 * a line that says so.
 */
import { BACKBONE, type Match, networkName } from "./checkpoint_names.ts";

/** Parts of pretraining that no other task needs, and the head of speech recognition. */
const BY_DESIGN: ReadonlyMap<string, string> = new Map([
  ["quantizer", "of pretraining"],
  ["project_q", "of pretraining"],
  ["project_hid", "of pretraining"],
  ["lm_head", "the letters of speech recognition"],
]);

/** A few lines for the terminal and for a run's notes. */
export function loadReport(match: Match): string[] {
  const { file, loaded, leftOver, missing, mismatched, head, headReasons } = match;
  const total = loaded.size + missing.length + mismatched.length;
  const lines = [`${file}: ${loaded.size} of the network's ${total} tensors are loaded`];
  for (const [reason, names] of groupBy(leftOver, (name) => reasonFor(name, match))) {
    lines.push(`left over: ${grouped(names)}${reason === "" ? "" : ` (${reason})`}`);
  }
  const backbone = missing.filter((name) => name.startsWith(BACKBONE));
  if (backbone.length > 0) lines.push(`made fresh, for training alone: ${backbone.join(", ")}`);
  if (head === "fresh") {
    lines.push(`the head is fresh and must be trained: ${headReasons.join("; ")}`);
  }
  return lines;
}

/** Why a tensor of the file is left over. */
function reasonFor(name: string, { head, missing, mismatched }: Match): string {
  const reason = BY_DESIGN.get(name.split(".")[0]);
  if (reason !== undefined) return `${reason}: left over by design`;
  const ours = networkName(name);
  if (ours.startsWith(BACKBONE)) return "";
  if (head === "none") return "a head, and the backbone alone is asked for";
  const sameKind = missing.includes(ours) || mismatched.some(({ name }) => name === ours);
  return sameKind ? "a head that is not taken over" : "a head of another kind";
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
