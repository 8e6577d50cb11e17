/**
 * Any other corpus: one folder a class, named by the folder, audio at any depth below it.
 *
 * A clip's actor is known only if its path below the class folder holds it, in one of two ways:
 * a RAVDESS name, or a word `speaker`, `spk` or `actor` followed by a number (`speaker07_x.wav`,
 * `spk-3/x.wav`, `x_Actor 12.wav`). Actors count only if every clip has one: a split by actor
 * that had to guess for some clips could put a person on both sides.
 */

import { UserError } from "../../engine/error.ts";
import { byCodeUnit, type Clip, type Corpus, count } from "./clip.ts";
import { decodeRavdessName } from "./ravdess.ts";
import type { AudioFile } from "./scan.ts";

const ACTOR = /(?:^|[^a-z0-9])(speaker|spk|actor)[-_ ]?(\d+)(?!\d)/gi;

/**
 * The actor that a path names, as in `speaker7`; undefined if it names none, or several.
 * @param relative the path below the class folder, with `/`
 */
export function actorOf(relative: string): string | number | undefined {
  const stem = relative.slice(relative.lastIndexOf("/") + 1).replace(/\.[^.]*$/, "");
  const ravdess = decodeRavdessName(stem);
  if (ravdess !== null) return ravdess.actor;
  const named = new Set<string>();
  for (const [, word, number] of relative.matchAll(ACTOR)) {
    named.add(`${word!.toLowerCase()}${BigInt(number!)}`);
  }
  return named.size === 1 ? [...named][0] : undefined;
}

/**
 * A corpus of one folder a class.
 * @throws UserError if there are fewer than two classes
 */
export function foldersCorpus(files: readonly AudioFile[], options: { name: string }): Corpus {
  const { name } = options;
  const inside = files.filter((file) => file.relative.includes("/"));
  const classOf = (file: AudioFile) => file.relative.slice(0, file.relative.indexOf("/"));
  const labels = [...new Set(inside.map(classOf))].sort(byCodeUnit);
  if (labels.length < 2) {
    const found = labels.length === 0 ? "no folder with audio" : `only the folder '${labels[0]}'`;
    throw new UserError(
      `${name}: expected one folder a class, at least two of them, and found ${found}; ` +
        "name the folder that holds the class folders",
    );
  }

  const clips: Clip[] = inside.map((file) => ({
    id: file.relative,
    path: file.path,
    label: labels.indexOf(classOf(file)),
    actor: actorOf(file.relative.slice(file.relative.indexOf("/") + 1)),
  }));

  const notes: string[] = [];
  const outside = files.length - inside.length;
  if (outside > 0) notes.push(`${count(outside, "audio file")} outside the class folders left out`);
  const known = clips.filter((clip) => clip.actor !== undefined).length;
  if (known > 0 && known < clips.length) {
    notes.push(`actors not used: only ${known} of ${clips.length} names hold one`);
  }
  const kept = known === clips.length ? clips : clips.map(({ actor: _, ...clip }) => clip);
  return { name, kind: "folders", labels, clips: kept, synthetic: false, notes };
}
