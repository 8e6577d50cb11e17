/**
 * Whoever hears an emotion in stretches of a recording: pieces in, verdicts out, so many at a time that a
 * network works in batches and no more than a batch of features is held. One model, one place where
 * it is found: what is given with --run, else the model that comes with the program.
 */
import { openDevice } from "../engine/open.ts";
import { FeatureEngine } from "../features/feature_engine.ts";
import type { Recording } from "../features/recording.ts";
import type { Audio } from "../features/wav.ts";
import type { Classifier } from "./answers.ts";
import { openChosen, warningsOf } from "./classifier.ts";
import type { DeviceChoice } from "./options.ts";
import type { Stretch } from "./stretches.ts";

export interface Verdict {
  readonly label: string;
  /** Of the label, 0 to 1. */
  readonly confidence: number;
  /** Of every label, in the model's order. */
  readonly probabilities: readonly number[];
}

/** Turns a piece of sound into a model's input. */
export type Listen = (audio: Audio) => Promise<Float32Array>;

const BATCH = 32;
/** Seconds: of a longer stretch only the beginning is heard. */
const LONGEST = 30;
/** A peak under this is nobody speaking: −60 dB of full scale. */
const QUIET = 10 ** (-60 / 20);

export class Judge {
  readonly #classifier: Classifier;
  readonly #listen: Listen;

  /** For tests: any classifier, and what makes its inputs. */
  constructor(classifier: Classifier, listen: Listen) {
    this.#classifier = classifier;
    this.#listen = listen;
  }

  get labels(): readonly string[] {
    return this.#classifier.labels;
  }

  get synthetic(): boolean {
    return this.#classifier.synthetic;
  }

  /** What is to be said before any answer. */
  get warnings(): string[] {
    return warningsOf(this.#classifier);
  }

  /**
   * Verdicts in the order of the stretches; none where all is quiet.
   *
   * @param onDone told how many stretches are through
   */
  async judge(
    recording: Pick<Recording, "read" | "sampleRate">,
    stretches: readonly Stretch[],
    onDone: (count: number) => void = () => {},
  ): Promise<(Verdict | undefined)[]> {
    const verdicts: (Verdict | undefined)[] = [];
    for (let i = 0; i < stretches.length; i += BATCH) {
      verdicts.push(...await this.#judgeBatch(recording, stretches.slice(i, i + BATCH)));
      onDone(verdicts.length);
    }
    return verdicts;
  }

  async #judgeBatch(
    recording: Pick<Recording, "read" | "sampleRate">,
    stretches: readonly Stretch[],
  ): Promise<(Verdict | undefined)[]> {
    const { sampleRate } = recording;
    const { labels, classify } = this.#classifier;
    const rows: Float32Array[] = [];
    const rowOf = new Map<number, number>();
    for (const [i, { from, to }] of stretches.entries()) {
      const first = Math.round(from * sampleRate);
      const last = Math.round(Math.min(to, from + LONGEST) * sampleRate);
      const samples = recording.read(first, last - first);
      if (!samples.some((x) => Math.abs(x) >= QUIET)) continue;
      rowOf.set(i, rows.length);
      rows.push(await this.#listen({ samples, sampleRate }));
    }
    if (rows.length === 0) return stretches.map(() => undefined);
    const { predictions, probabilities } = await classify(rows);
    return stretches.map((_, i) => {
      const row = rowOf.get(i);
      if (row === undefined) return undefined;
      const all = labels.map((_, k) => probabilities[row * labels.length + k]);
      return {
        label: labels[predictions[row]],
        confidence: all[predictions[row]],
        probabilities: all,
      };
    });
  }
}

/** A judge with what it holds. */
export interface OpenJudge extends Disposable {
  readonly judge: Judge;
  /** The model's file. */
  readonly model: string;
}

/**
 * Opens the model of a run.
 *
 * @param run the folder of a run or of a checkpoint, or a model's file; undefined takes the shipped one
 * @throws UserError when there is none, or it is damaged
 */
export async function openJudge(
  run: string | undefined,
  choice: DeviceChoice,
): Promise<OpenJudge> {
  using made = new DisposableStack();
  const device = made.use(await openDevice(choice));
  const engine = made.use(await FeatureEngine.open());
  const { path: model, classifier } = await openChosen(run, device);
  const judge = new Judge(classifier, (audio) => engine.compute(classifier.input, audio));
  const held = made.move();
  return { judge, model, [Symbol.dispose]: () => held.dispose() };
}
