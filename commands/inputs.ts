/** From a corpus to what a network eats: features of every clip, and each side of a split on the device. */
import type { Device } from "../engine/device.ts";
import { UserError } from "../engine/error.ts";
import { Rows } from "../engine/train/rows.ts";
import type { LabelledData } from "../engine/train/evaluate.ts";
import type { Corpus } from "../features/corpus/clip.ts";
import type { TableCorpus } from "../features/feature_table.ts";
import { extract } from "../features/extract.ts";
import { type FeatureKind, FEATURES } from "../features/feature_engine.ts";
import { sizeOf } from "../engine/shape.ts";
import type { Progress } from "../report/progress.ts";
import { type Normalization, normalizeRows } from "./normalization.ts";

export interface Inputs {
  /** The corpus without clips that could not be read (`--skip-broken`). */
  readonly corpus: Corpus;
  /** One row a clip of `corpus`. */
  readonly values: Float32Array; // [clips, size]
  readonly size: number;
  /** Shape of one clip. */
  readonly shape: readonly number[];
}

/** Features of every clip, from the cache where it has them. Broken clips end it in one line. */
export async function loadInputs(
  corpus: Corpus | TableCorpus,
  kind: FeatureKind,
  { skipBroken, progress }: { readonly skipBroken: boolean; readonly progress: Progress },
): Promise<Inputs> {
  const { shape } = FEATURES[kind];
  const size = sizeOf(shape);
  if ("vectors" in corpus) {
    if (kind === "vector") return { corpus, values: corpus.vectors, size, shape };
    throw new UserError(
      `${corpus.name}: a table of features, which forest, mlp and cnn-mlp take; this system needs recordings`,
    );
  }
  progress.start(kind === "mel-image" ? "spectrograms" : "features", corpus.clips.length);
  const { values, kept, notes: asides } = await extract(corpus.clips.map((c) => c.path), {
    kind,
    skipBroken,
    onProgress: (done) => progress.update(done),
  });
  progress.stop();
  for (const aside of asides) progress.line(`note: ${aside}`);
  const left = corpus.clips.length - kept.length;
  if (left === 0) return { corpus, values, size, shape };
  const notes = [...corpus.notes, `${left} unreadable ${left === 1 ? "clip" : "clips"} left out`];
  const clips = kept.map((i) => corpus.clips[i]);
  return { corpus: { ...corpus, clips, notes }, values, size, shape };
}

/** Some clips' normalised inputs and labels, on the device where it has room. */
export function toDevice(
  device: Device,
  inputs: Inputs,
  normalization: Normalization,
  rows: readonly number[],
): LabelledData {
  const hostLabels = Int32Array.from(rows, (r) => inputs.corpus.clips[r].label);
  return {
    inputs: rowsToDevice(device, inputs, normalization, rows),
    labels: device.keep(device.tensor(hostLabels)),
    n: rows.length,
    hostLabels,
  };
}

/** The same without labels. */
export function rowsToDevice(
  device: Device,
  { values, size, shape }: Pick<Inputs, "values" | "size" | "shape">,
  normalization: Normalization,
  rows: readonly number[],
): Rows {
  return new Rows(device, normalizeRows(normalization, values, size, rows), { rowShape: shape });
}
