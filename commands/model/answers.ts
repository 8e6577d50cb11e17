/** What a network answers to labelled clips, as figures and curves are computed from it. */
import type { Module } from "../../engine/nn/module.ts";
import { argmaxRows, softmaxRows } from "../../engine/train/scores.ts";
import { type LabelledData, logitsOf } from "../../engine/train/evaluate.ts";
import type { FeatureKind } from "../../features/feature_engine.ts";
import {
  answered,
  type Calibration,
  calibrationError,
  fitTemperature,
  unsureBelow,
} from "../../report/calibration.ts";
import type { Answers } from "../../report/metrics.ts";
import type { CalibrationMetrics } from "../../report/types.ts";

type Asked<In> = Pick<LabelledData<In>, "inputs" | "hostLabels">;

export interface AskOptions {
  readonly labels: readonly string[];
  readonly batch: number;
  /** What logits are divided by; default 1. */
  readonly temperature?: number;
}

export async function answersOf<In>(
  model: Module<In>,
  { inputs, hostLabels }: Asked<In>,
  { labels, batch, temperature = 1 }: AskOptions,
): Promise<Answers> {
  const logits = await logitsOf(model, inputs, batch);
  return {
    labels: hostLabels,
    predictions: argmaxRows(logits, labels.length),
    probabilities: softmaxRows(logits.map((z) => z / temperature), labels.length),
    classes: labels,
  };
}

/** The temperature that fits validation clips best, and the confidence to be unsure below there. */
export async function calibrate<In>(
  model: Module<In>,
  { inputs, hostLabels }: Asked<In>,
  { labels, batch }: AskOptions,
): Promise<Calibration> {
  const logits = await logitsOf(model, inputs, batch);
  const temperature = fitTemperature({ logits, labels: hostLabels });
  const probabilities = softmaxRows(logits.map((z) => z / temperature), labels.length);
  return { temperature, unsureBelow: unsureBelow(answered(probabilities, hostLabels)) };
}

/** What a calibration, fitted on `n` clips, does to answers on test clips: those without it, and with it. */
export function calibrationMetrics(
  calibration: Calibration,
  { n, plain, calibrated }: {
    readonly n: number;
    readonly plain: Answers;
    readonly calibrated: Answers;
  },
): CalibrationMetrics {
  const list = ({ probabilities, labels }: Answers) => answered(probabilities, labels);
  const all = list(calibrated);
  const sure = all.filter(({ confidence }) => confidence >= calibration.unsureBelow);
  const share = (part: number, whole: number) => whole === 0 ? null : part / whole;
  return {
    ...calibration,
    n,
    error: { before: calibrationError(list(plain)), after: calibrationError(all) },
    sure: {
      share: share(sure.length, all.length),
      accuracy: share(sure.filter(({ right }) => right).length, sure.length),
    },
  };
}

/** A trained model as those see it who only ask: features in, classes and probabilities out. */
export interface Classifier {
  readonly input: FeatureKind;
  readonly labels: readonly string[];
  /** It only ever heard synthetic voices. */
  readonly synthetic: boolean;
  /** What binds whoever uses it. */
  readonly licence: string | null;
  /** What else must be known of it. */
  readonly caution?: string | null;
  /** Answers of less confidence are "unsure". */
  readonly unsureBelow: number;
  /**
   * @param rows one array a clip, as `FEATURES[input]` makes it
   */
  readonly classify: (
    rows: readonly Float32Array[],
  ) => Promise<Pick<Answers, "predictions" | "probabilities">>;
}
