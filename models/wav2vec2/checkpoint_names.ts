/**
 * Which tensor of a checkpoint is which of the network's. The network's names are those of
 * transformers' Wav2Vec2ForSequenceClassification; files leave the prefix out when they were saved
 * from the bare model, and spell weight norm in two ways.
 */
import { UserError } from "../../engine/error.ts";
import { shown, shownShape } from "../../engine/io/byte_source.ts";
import type { Checkpoint } from "../../engine/io/checkpoint.ts";
import { toFloat32 } from "../../engine/io/dtypes.ts";

/** What begins every name of the backbone; all others are of a head. */
export const BACKBONE = "wav2vec2.";

/** What a backbone consists of, where a file leaves the prefix out. */
const PARTS = ["feature_extractor.", "feature_projection.", "encoder.", "masked_spec_embed"];

/** torch.nn.utils.parametrizations.weight_norm's names for those of torch.nn.utils.weight_norm. */
const SPELLINGS = [
  [".parametrizations.weight.original0", ".weight_g"],
  [".parametrizations.weight.original1", ".weight_v"],
] as const;

/** The last layer of a dense head, which files spell in two ways. */
const LAST = /^classifier\.out_proj\./;

/** Stands in for masked frames while training; files of models trained without masks have none. */
const OPTIONAL = `${BACKBONE}masked_spec_embed`;

/** The network's name for a tensor that a file calls `name`. */
export function networkName(name: string): string {
  const whole = PARTS.some((part) => name.startsWith(part))
    ? `${BACKBONE}${name}`
    : name.replace(LAST, "classifier.output.");
  const [theirs, ours] = SPELLINGS.find(([theirs]) => whole.endsWith(theirs)) ?? ["", ""];
  return whole.slice(0, whole.length - theirs.length) + ours;
}

/** The name that transformers write for the network's `name`. */
export function fileName(name: string): string {
  const [theirs, ours] = SPELLINGS.find(([, ours]) => name.endsWith(ours)) ?? ["", ""];
  return name.slice(0, name.length - ours.length) + theirs;
}

export interface Mismatch {
  readonly name: string;
  readonly expected: readonly number[];
  readonly found: readonly number[];
}

export interface Match {
  /** What messages call the checkpoint. */
  readonly file: string;
  /** The network's name of each tensor that is taken over, and its name in the file. */
  readonly loaded: ReadonlyMap<string, string>;
  /** Tensors of the file that nothing takes, by their names there. */
  readonly leftOver: readonly string[];
  /** Tensors of the network that the file does not hold, or that were let go with its head. */
  readonly missing: readonly string[];
  /** Tensors of a head that the file holds in another shape. */
  readonly mismatched: readonly Mismatch[];
  /** Taken over whole or not at all; `none` where the network expects none. */
  readonly head: "loaded" | "fresh" | "none";
  /** Why the head is fresh, in words; empty where it is not. */
  readonly headReasons: readonly string[];
}

/**
 * Finds the network's tensors in a checkpoint. A head is taken over only if all of it is there in the
 * right shapes, and nothing else speaks against it.
 *
 * @param expected shapes by the network's names
 * @param headRefusal why even a head that fits is not taken over, in words
 * @throws UserError for a backbone that is not complete, naming its first fault
 */
export function matchTensors(
  expected: ReadonlyMap<string, readonly number[]>,
  checkpoint: Checkpoint,
  headRefusal?: string,
): Match {
  const { file } = checkpoint;
  const entries = checkpoint.entries();
  const names = namesIn(checkpoint);
  const loaded = new Map<string, string>();
  const missing: string[] = [];
  const mismatched: Mismatch[] = [];
  for (const [name, shape] of expected) {
    const theirs = names.get(name);
    if (theirs === undefined) {
      if (name.startsWith(BACKBONE) && name !== OPTIONAL) throw absent(name, file);
      missing.push(name);
      continue;
    }
    const { shape: found, dtype } = entries.get(theirs)!;
    toFloat32(dtype, new Uint8Array(0), `${file}: tensor ${shown(theirs)}`); // refuses whole numbers
    if (String(found) === String(shape)) {
      loaded.set(name, theirs);
    } else if (name.startsWith(BACKBONE)) {
      throw new UserError(
        `${file}: tensor ${shown(theirs)} has shape ${shownShape(found)}; config.json asks for ` +
          shownShape(shape),
      );
    } else {
      mismatched.push({ name, expected: shape, found });
    }
  }
  const head = takeHead({ expected, loaded, missing, mismatched, headRefusal });
  const taken = new Set(loaded.values());
  const leftOver = [...entries.keys()].filter((name) => !taken.has(name));
  return { file, loaded, leftOver, missing, mismatched, ...head };
}

/** The file's name of each tensor by the network's. Throws `UserError` where two are the same. */
export function namesIn(checkpoint: Checkpoint): Map<string, string> {
  const { file } = checkpoint;
  const names = new Map<string, string>();
  for (const name of checkpoint.entries().keys()) {
    const ours = networkName(name);
    const twin = names.get(ours);
    if (twin !== undefined) {
      throw new UserError(`${file}: ${shown(twin)} and ${shown(name)} are the same tensor`);
    }
    names.set(ours, name);
  }
  return names;
}

/** Lets go of a head that is not complete or not wanted. */
function takeHead({ expected, loaded, missing, mismatched, headRefusal }: {
  readonly expected: ReadonlyMap<string, readonly number[]>;
  readonly loaded: Map<string, string>;
  readonly missing: string[];
  readonly mismatched: readonly Mismatch[];
  readonly headRefusal?: string;
}): Pick<Match, "head" | "headReasons"> {
  const head = [...expected.keys()].filter((name) => !name.startsWith(BACKBONE));
  if (head.length === 0) return { head: "none", headReasons: [] };
  const lacking = head.filter((name) => missing.includes(name));
  const headReasons = [
    ...(lacking.length > 0 ? [`the file does not hold ${lacking.join(", ")}`] : []),
    ...mismatched.map(({ name, expected, found }) =>
      `${name} is ${shownShape(found)} in the file, ${shownShape(expected)} here`
    ),
    ...(headRefusal !== undefined && lacking.length < head.length ? [headRefusal] : []),
  ];
  if (headReasons.length === 0) return { head: "loaded", headReasons };
  for (const name of head) {
    if (loaded.delete(name)) missing.push(name);
  }
  return { head: "fresh", headReasons };
}

function absent(name: string, file: string): UserError {
  return new UserError(
    `${file}: tensor ${
      shown(name)
    } is missing; the file does not fit its config.json, or is cut short`,
  );
}
