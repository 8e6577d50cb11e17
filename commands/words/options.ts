/**
 * What each command can be asked, as the command line's words are turned into it.
 */
import type { Precision } from "../../engine/dtype.ts";
import type { Augmentation, Protocol } from "../../report/types.ts";
import type { Style } from "../../text/emotion_words.ts";

/** Systems that are fine-tuned from a checkpoint, and one like them that begins from nothing. */
export const TRANSFERRED = ["wav2vec2-base", "wav2vec2-large"] as const;
export const WAV2VEC2 = [...TRANSFERRED, "wav2vec2-small"] as const;
export const NETWORKS = ["cnn4", "cnn3", "cnn5", "mlp", "cnn-mlp", "timbre", ...WAV2VEC2] as const;
export const SYSTEMS = [...NETWORKS, "forest"] as const;
export const PROTOCOLS = [
  "random",
  "actors",
  "statement",
  "all",
] as const satisfies readonly Protocol[];

export const AUGMENTATIONS = ["paper", "voice"] as const satisfies readonly Augmentation[];

export type System = typeof SYSTEMS[number];
export type Network = typeof NETWORKS[number];

/** Systems that `--augment` and `--pretrain` are for. */
export const AUGMENTED: readonly System[] = ["cnn3", "cnn4", "cnn5"];
export const PRETRAINED: readonly System[] = ["cnn3"];

/** Systems that need no validation clips to choose their weights by. */
export const KEPT_LAST: readonly System[] = ["timbre", "wav2vec2-large"];

/** Rows of the paper's tables as `--systems` names them; the last four are our own. */
export const ROW_NAMES = [
  "forest",
  "mlp",
  "cnn3",
  "cnn3-augmented",
  "cnn4",
  "cnn4-augmented",
  "cnn5",
  "cnn5-augmented",
  "cnn3-pretrained-25",
  "cnn3-pretrained-30",
  "cnn-mlp",
  "wav2vec2-base",
  "wav2vec2-large",
  "cnn4-voice",
  "wav2vec2-small",
  "timbre",
  "timbre-full",
] as const;

/** What `bench` times, by name. */
export const BENCH_KERNELS = [
  "matmul",
  "conv2d",
  "conv1d",
  "batch-norm",
  "softmax",
  "layer-norm",
  "attention",
  "fft",
  "elementwise",
  "reduce",
  "adam",
  "steps",
  "forest",
] as const;

/** Kernels with a ladder from naive to ours. */
export const LADDERS = ["matmul", "conv2d", "softmax", "fft", "attention"] as const;
export type Ladder = typeof LADDERS[number];

/** `gpu:NAME` asks for the adapter whose name holds NAME, a software one too. */
export type DeviceChoice = "auto" | "gpu" | "cpu" | `gpu:${string}`;

export const PRECISIONS = ["f32", "f16"] as const satisfies readonly Precision[];

/** What is not given is undefined where the recipe, the run or the machine decides. */
export interface TrainOptions {
  readonly system: System;
  readonly data?: string;
  readonly split: Protocol;
  /** 1 to 5 for `actors`, else null. */
  readonly fold: number | null;
  readonly seed: number;
  readonly epochs?: number;
  readonly batch?: number;
  readonly augment?: Augmentation;
  /** The folder of a checkpoint that training begins from. */
  readonly weights?: string;
  /** What learns, such as `last:2`. */
  readonly train?: string;
  /** Share of all steps in which the rate rises, before it falls to 0 over the others. */
  readonly warmup?: number;
  /** Parts a batch is cut into. */
  readonly accumulate?: number;
  /** Factor on the learning rate from one layer of the encoder to the one below it. */
  readonly layerDecay?: number;
  /** Keep only what goes into the encoder's layers, and run them again for the gradient. */
  readonly checkpointLayers?: boolean;
  /** Layer by layer without labels first. */
  readonly pretrain: boolean;
  /** Validation clips are trained on too; none are kept. */
  readonly unvalidated: boolean;
  /** A folder of runs whose calibration is taken, where no clip is kept to fit one. */
  readonly calibration?: string;
  /** A JSON file of the values that a forest's search tries. */
  readonly grid?: string;
  readonly device: DeviceChoice;
  /** Of the operands of products; f32 where not given. */
  readonly precision?: Precision;
  readonly out?: string;
  /** A run to go on with: its own system, split, seed and batch hold then, not those above. */
  readonly resume?: string;
  readonly skipBroken: boolean;
}

/** What is not given is undefined where `--quick` decides. */
export interface ReproduceOptions {
  readonly data?: string;
  /** Rows of the paper's tables, by name. */
  readonly systems?: readonly string[];
  readonly seeds?: readonly number[];
  /** One protocol alone. */
  readonly split?: "random" | "actors";
  /** Folders of the checkpoints of the rows that need one; without, those rows are not run. */
  readonly weightsBase?: string;
  readonly weightsLarge?: string;
  readonly quick: boolean;
  /** Train nothing; write the reports of what has been run. */
  readonly reportOnly: boolean;
  readonly out: string;
  readonly device: DeviceChoice;
  readonly skipBroken: boolean;
}

export interface EvaluateOptions {
  readonly run: string;
  readonly data?: string;
  /** Also on the clips made worse in several ways. */
  readonly robustness: boolean;
  readonly json: boolean;
  readonly device: DeviceChoice;
  readonly skipBroken: boolean;
}

export interface PredictOptions {
  /** The folder of a run or of a checkpoint, or a model's file; not given: the first file, where it is one, or the shipped model. */
  readonly run?: string;
  readonly files: readonly string[];
  readonly json: boolean;
  readonly csv: boolean;
  readonly device: DeviceChoice;
}

export interface FeaturesOptions {
  /** The folder of a corpus. */
  readonly dir: string;
  /** The file to write. */
  readonly out: string;
  /** JSON instead of CSV. */
  readonly json: boolean;
  readonly skipBroken: boolean;
}

export interface DataOptions {
  /** The folder to make (default: where `train` looks). */
  readonly out?: string;
  /** Leave the archive beside it. */
  readonly keep: boolean;
}

export interface WeightsOptions {
  /** A repository of the Hugging Face Hub. */
  readonly name: string;
  readonly revision: string;
  /** A folder (default: `weights/NAME`). */
  readonly out?: string;
}

export interface TimelineOptions {
  readonly file: string;
  readonly json: boolean;
  readonly csv: boolean;
  /** The page to write. */
  readonly html?: string;
  /** A run's folder or a model's file; the shipped model where not given. */
  readonly run?: string;
  readonly device: DeviceChoice;
}

export interface SubtitleOptions {
  readonly audio: string;
  readonly subtitles: string;
  /** The file to write; standard output where neither this nor `inPlace` is given. */
  readonly out?: string;
  /** Write over the input. */
  readonly inPlace: boolean;
  readonly style: Style;
  /** Answers of less are not written, 0 to 1 (default: what the model itself calls unsure). */
  readonly minConfidence?: number;
  readonly run?: string;
  readonly device: DeviceChoice;
}

export interface BrailleOptions {
  /** Text or subtitles. */
  readonly file: string;
  /** The file to write; standard output where not given. */
  readonly out?: string;
  /** Pages of North American ASCII Braille instead of Unicode Braille. */
  readonly brf: boolean;
  readonly pageNumbers: boolean;
}

export interface ListenOptions {
  /** Hz, of raw samples. */
  readonly rate: number;
  readonly run?: string;
  readonly device: DeviceChoice;
}

export interface EmbedOptions {
  /** The folder of a checkpoint. */
  readonly weights: string;
  readonly files: readonly string[];
  /** A hidden state by number; default: what the network gives in the end. */
  readonly layer?: number;
  /** Every frame instead of their average. */
  readonly frames: boolean;
  /** Print JSON. */
  readonly json: boolean;
  /** A safetensors file. */
  readonly out?: string;
  readonly device: DeviceChoice;
}

export interface DevicesOptions {
  /** Print JSON. */
  readonly json: boolean;
}

export interface BenchOptions {
  /** Families of kernels by name; none: all. */
  readonly kernels: readonly string[];
  /** One size in place of the usual ones, with one kernel. */
  readonly size?: readonly number[];
  /** Powers of two as well. */
  readonly sweep: boolean;
  /** Only rows with this in their name, size or variant. */
  readonly filter?: string;
  /** A file of an earlier run to compare with. */
  readonly compare?: string;
  /** A page for the results. */
  readonly html?: string;
  /** A ladder to print instead. */
  readonly explain?: Ladder;
  /** Try tile shapes instead, and keep the best. */
  readonly tune: boolean;
  /** A file for the results. */
  readonly json?: string;
  /** `auto` measures the CPU and the real GPU, where there is one. */
  readonly device: DeviceChoice;
  readonly precision: Precision;
}

export interface TraceOptions {
  readonly system: Network;
  readonly device: DeviceChoice;
  readonly precision: Precision;
  /** Folder of `trace.json`. */
  readonly out: string;
}

export interface GradcheckOptions {
  /** Nothing: list the ops. */
  readonly op?: string;
  readonly device: DeviceChoice;
  readonly seed: number;
}

export interface TourOptions {
  /** Nothing: list the chapters. */
  readonly chapter?: string;
}

export interface ExampleOptions {
  /** Nothing: list the examples. */
  readonly example?: string;
}

/** What the command line asks for. */
export type Invocation =
  | { readonly command: "train"; readonly options: TrainOptions }
  | { readonly command: "evaluate"; readonly options: EvaluateOptions }
  | { readonly command: "predict"; readonly options: PredictOptions }
  | { readonly command: "timeline"; readonly options: TimelineOptions }
  | { readonly command: "subtitle"; readonly options: SubtitleOptions }
  | { readonly command: "braille"; readonly options: BrailleOptions }
  | { readonly command: "listen"; readonly options: ListenOptions }
  | { readonly command: "embed"; readonly options: EmbedOptions }
  | { readonly command: "features"; readonly options: FeaturesOptions }
  | { readonly command: "reproduce"; readonly options: ReproduceOptions }
  | { readonly command: "data"; readonly options: DataOptions }
  | { readonly command: "weights"; readonly options: WeightsOptions }
  | { readonly command: "devices"; readonly options: DevicesOptions }
  | { readonly command: "bench"; readonly options: BenchOptions }
  | { readonly command: "trace"; readonly options: TraceOptions }
  | { readonly command: "gradcheck"; readonly options: GradcheckOptions }
  | { readonly command: "tour"; readonly options: TourOptions }
  | { readonly command: "example"; readonly options: ExampleOptions }
  | { readonly command: "help"; readonly text: string };
