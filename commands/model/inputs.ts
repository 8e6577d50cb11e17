/** From a corpus to what a network eats: features of every clip, and each side of a split on the device. */
import type { Device } from "../../engine/device.ts";
import { UserError } from "../../engine/error.ts";
import type { RowSource } from "../../engine/train/rows.ts";
import type { LabelledData } from "../../engine/train/evaluate.ts";
import type { Corpus } from "../../features/corpus/clip.ts";
import type { TableCorpus } from "../../features/feature_table.ts";
import { extract } from "../../features/extract.ts";
import { type FeatureKind, FEATURES } from "../../features/feature_engine.ts";
import type { System } from "../../models/system.ts";
import type { Progress } from "../../report/progress.ts";
import { type Normalization, normalizeRows } from "./normalization.ts";

export interface Inputs {
  /** The corpus without clips that could not be read (`--skip-broken`). */
  readonly corpus: Corpus;
  readonly kind: FeatureKind;
  /** One array a clip of `corpus`, as `FEATURES[kind]` makes it; who needs them no more may take them out. */
  readonly rows: Float32Array[];
}

/** What is made of clips, as progress calls it. */
const WORDS: Readonly<Record<FeatureKind, string>> = {
  "mel-image": "spectrograms",
  "vector": "features",
  "waveform": "waveforms",
  "voice": "voices",
};

/** Features of every clip, from the cache where it has them. Broken clips end it in one line. */
export async function loadInputs(
  corpus: Corpus | TableCorpus,
  kind: FeatureKind,
  { skipBroken, progress }: { readonly skipBroken: boolean; readonly progress: Progress },
): Promise<Inputs> {
  if ("vectors" in corpus) {
    if (kind === "vector") return { corpus, kind, rows: [...corpus.vectors] };
    throw new UserError(
      `${corpus.name}: a table of features, which forest, mlp and cnn-mlp take; this system needs recordings`,
    );
  }
  progress.start(WORDS[kind], corpus.clips.length);
  const { rows, kept, notes: asides } = await extract(corpus.clips.map((c) => c.path), {
    kind,
    skipBroken,
    onProgress: (done) => progress.update(done),
  });
  progress.stop();
  for (const aside of asides) progress.line(`note: ${aside}`);
  const left = corpus.clips.length - kept.length;
  if (left === 0) return { corpus, kind, rows };
  const notes = [...corpus.notes, `${left} unreadable ${left === 1 ? "clip" : "clips"} left out`];
  const clips = kept.map((i) => corpus.clips[i]);
  return { corpus: { ...corpus, clips, notes }, kind, rows };
}

/** Some clips' normalised inputs and labels, as a system's network takes them. */
export function toDevice<In>(
  device: Device,
  { system, inputs, normalization, chosen }: {
    readonly system: Pick<System<In>, "source" | "input">;
    readonly inputs: Inputs;
    readonly normalization: Normalization;
    /** Places of the clips. */
    readonly chosen: readonly number[];
  },
): LabelledData<In> {
  const hostLabels = Int32Array.from(chosen, (i) => inputs.corpus.clips[i].label);
  return {
    inputs: sourceOf(
      device,
      system,
      normalizeRows(normalization, chosen.map((i) => inputs.rows[i])),
    ),
    labels: device.keep(device.tensor(hostLabels)),
    n: chosen.length,
    hostLabels,
  };
}

/** Rows as a system's network takes them. */
export function sourceOf<In>(
  device: Device,
  { input, source }: Pick<System<In>, "source" | "input">,
  rows: readonly Float32Array[],
): RowSource<In> {
  return source(device, rows, FEATURES[input].shape);
}
