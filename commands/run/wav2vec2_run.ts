/**
 * A run of Wav2Vec2: its checkpoint is opened and loaded before anything else is done, its frozen part
 * run once a clip, and in the end the whole network is written as a Hugging Face folder, which holds it
 * alone: the run's own model file only says what it is.
 */
import { createHash } from "node:crypto";
import type { Device } from "../../engine/device.ts";
import { UserError } from "../../engine/error.ts";
import type { Module } from "../../engine/nn/module.ts";
import type { Random } from "../../engine/random.ts";
import type { Recipe } from "../../engine/train/recipe.ts";
import { SequenceRows } from "../../engine/train/sequence_rows.ts";
import type { AnySystem, FineTuned } from "../../models/system.ts";
import { openCheckpoint, type Wav2Vec2Checkpoint } from "../../models/wav2vec2/checkpoint.ts";
import type { Heard, Wav2Vec2Config } from "../../models/wav2vec2/config.ts";
import { exportNetwork } from "../../models/wav2vec2/export_network.ts";
import { frameCount, receptiveField } from "../../models/wav2vec2/feature_encoder.ts";
import type { Wav2Vec2Network } from "../../models/wav2vec2/heads.ts";
import { layerFactors } from "../../models/wav2vec2/layer_factors.ts";
import { buildNetwork, loadNetwork } from "../../models/wav2vec2/load.ts";
import { loadReport } from "../../models/wav2vec2/load_report.ts";
import { originOf } from "../../models/wav2vec2/origin.ts";
import { DEFAULT_PREPROCESSOR, type Preprocessor } from "../../models/wav2vec2/preprocessor.ts";
import { parsePart, partWords, prepareTraining } from "../../models/wav2vec2/training_part.ts";
import { takePrepared } from "../../models/wav2vec2/waveforms.ts";
import type { Corpus } from "../../features/corpus/clip.ts";
import type { Calibration } from "../../report/calibration.ts";
import { fileError } from "../../report/files.ts";
import type { Progress } from "../../report/progress.ts";
import type { RunFolder } from "../../report/run_folder.ts";
import type { FineTuning, RunConfig } from "../../report/types.ts";
import type { Inputs } from "../model/inputs.ts";
import { encodeHead } from "../model/model_file.ts";
import type { TrainOptions } from "../words/options.ts";
import { licenceOf } from "../sources/corpus.ts";
import type { Prepared } from "./prepared.ts";
import { channelsAt, runPrefix } from "./prefix.ts";
import { requireRoom, roomForStates, tryStep } from "./room.ts";

export interface OpenRun {
  readonly plan: TrainOptions;
  /** The configuration that a resumed run began with. */
  readonly begun: RunConfig | undefined;
  readonly device: Device;
  readonly labels: readonly string[];
  /** The stream of the run's network. */
  readonly random: Random;
  readonly progress: Progress;
}

export class Wav2Vec2Run {
  readonly fineTuning: FineTuning;
  readonly #system: AnySystem;
  readonly #network: Wav2Vec2Network;
  readonly #config: Wav2Vec2Config;
  readonly #preprocessor: Preprocessor;
  readonly #run: OpenRun;

  private constructor(system: AnySystem, run: OpenRun, built: Built) {
    this.fineTuning = built.fineTuning;
    this.#system = system;
    this.#run = run;
    this.#network = built.network;
    this.#config = built.config;
    this.#preprocessor = built.preprocessor;
  }

  /** Builds the network, from its checkpoint where it has one. */
  static async open(system: AnySystem, run: OpenRun): Promise<Wav2Vec2Run> {
    const plan = system.wav2vec2!;
    const built = plan.config ? fresh(plan, plan.config, run) : await fromCheckpoint(plan, run);
    const { network, fineTuning } = built;
    const part = parsePart(fineTuning.part)!;
    prepareTraining({ device: run.device, random: run.random }, network, part);
    network.wav2vec2.encoder.checkpointLayers = fineTuning.checkpointLayers;
    requireRoom(run.device, network, fineTuning.part);
    return new Wav2Vec2Run(system, run, built);
  }

  /** Tries a step of the longest clips, then runs what is frozen over all clips, taking them out of `rows`. */
  async prepare({ corpus, rows }: Inputs, recipe: Recipe): Promise<Prepared> {
    const { device, progress } = this.#run;
    const network = this.#network;
    const { doNormalize } = this.#preprocessor;
    const least = receptiveField(this.#config);
    const clips = takePrepared(rows, { doNormalize, least });
    const { hash } = this.fineTuning;
    this.#tryStep(clips, recipe);
    const prefix = network.entry === "samples" || hash === null
      ? { channels: 1, rows: { sizes: clips.map((c) => c.length), read: (i: number) => clips[i] } }
      : await runPrefix({
        ...{ device, network, hash: this.#prefixHash(hash), clips, progress },
        memory: roomForStates(device, network, clips),
      });
    return {
      model: network as Module<never> as Module<unknown>,
      factors: layerFactors(network, this.fineTuning.layerDecay),
      on(chosen) {
        const hostLabels = Int32Array.from(chosen, (i) => corpus.clips[i].label);
        const stored = {
          sizes: chosen.map((i) => prefix.rows.sizes[i]),
          read: (row: number) => prefix.rows.read(chosen[row]),
        };
        return {
          inputs: new SequenceRows(device, stored, prefix.channels),
          labels: device.keep(device.tensor(hostLabels)),
          n: chosen.length,
          hostLabels,
        };
      },
      write: (folder, calibration) => this.#write(folder, corpus, calibration),
    };
  }

  /** Whether it ever learned from RAVDESS, and whether its classes are now those of synthetic voices. */
  #heard({ kind, synthetic }: Corpus): Heard[] {
    const seen = kind === "ravdess" && !synthetic || this.#config.heard?.includes("ravdess");
    return [...(seen ? ["ravdess" as const] : []), ...(synthetic ? ["synthetic" as const] : [])];
  }

  /** The same weights give other values under another configuration, such as of heads or norms. */
  #prefixHash(weights: string): string {
    const { labels: _, heard: _heard, ...sizes } = this.#config;
    return createHash("sha256").update(weights).update(JSON.stringify(sizes)).digest("hex");
  }

  #tryStep(clips: readonly Float32Array[], recipe: Recipe): void {
    const { device, random } = this.#run;
    const network = this.#network;
    const { entry } = network;
    const longest = clips.reduce((most, { length }) => Math.max(most, length), 0);
    tryStep(device, network, {
      ...{ recipe, random, part: this.fineTuning.part },
      frames: entry === "samples"
        ? longest
        : entry === "pooled"
        ? 1
        : frameCount(this.#config, longest),
      channels: channelsAt(network, entry),
    });
  }

  async #write(folder: RunFolder, corpus: Corpus, calibration: Calibration): Promise<void> {
    const { labels } = this.#run;
    const { temperature, unsureBelow } = calibration;
    const path = folder.huggingFacePath;
    await exportNetwork(path, this.#network, {
      config: { ...this.#config, labels, heard: this.#heard(corpus) },
      preprocessor: this.#preprocessor,
      head: this.#system.wav2vec2!.head,
      temperature,
    }).catch((error) => {
      throw fileError(error, "write", path);
    });
    const { synthetic } = corpus;
    // The temperature is in the exported weights.
    const facts = { labels, synthetic, calibration: { temperature: 1, unsureBelow } };
    await folder.writeModel(
      encodeHead({ ...facts, system: this.#system, licence: licenceOf(corpus) }),
    );
  }
}

interface Built {
  readonly network: Wav2Vec2Network;
  readonly config: Wav2Vec2Config;
  readonly preprocessor: Preprocessor;
  readonly fineTuning: FineTuning;
}

function asked({ part }: FineTuned, { plan }: OpenRun) {
  return {
    part: plan.train ?? partWords(part),
    layerDecay: plan.layerDecay ?? 1,
    checkpointLayers: plan.checkpointLayers ?? false,
  };
}

/** From nothing: all of it learns. */
function fresh(plan: FineTuned, sizes: Wav2Vec2Config, run: OpenRun): Built {
  const { device, random, labels } = run;
  const what = asked(plan, run);
  if (what.part !== "all") {
    throw new UserError(`--train ${what.part}: a network without --weights learns as a whole`);
  }
  const config = { ...sizes, labels };
  const { head } = plan;
  return {
    network: buildNetwork({ device, random }, { config, head, classes: labels.length }),
    config,
    preprocessor: DEFAULT_PREPROCESSOR,
    fineTuning: { weights: null, hash: null, caution: null, ...what },
  };
}

async function fromCheckpoint(plan: FineTuned, run: OpenRun): Promise<Built> {
  const { device, random, labels, progress, begun } = run;
  const weights = run.plan.weights!;
  const checkpoint: Wav2Vec2Checkpoint = await openCheckpoint(weights);
  try {
    const { caution, heard } = originOf(weights, checkpoint);
    progress.line(`weights: ${weights}`);
    const { network, config, match, hash } = await loadNetwork({ device, random }, checkpoint, {
      head: plan.head,
      labels,
    });
    for (const line of loadReport(match)) progress.line(`  ${line}`);
    if (caution !== null) progress.line(`note: ${caution}`);
    const before = begun?.fineTuning?.hash;
    if (before && before !== hash) {
      throw new UserError(
        `${weights}: other weights than those the run began from; give those with --weights`,
      );
    }
    const fineTuning = { weights, hash, caution, ...asked(plan, run) };
    const { preprocessor } = checkpoint;
    return { network, config: { ...config, heard }, preprocessor, fineTuning };
  } finally {
    checkpoint.weights.close();
  }
}
