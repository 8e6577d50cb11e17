/**
 * Whoever hears an emotion in stretches of a recording: pieces in, verdicts out, so many at a time that a
 * network works in batches and no more than a batch of features is held. One model, one place where
 * it is found: what is given with --run, else the model that comes with the program.
 */
import { openDevice } from "../../engine/open.ts";
import { FeatureEngine } from "../../features/feature_engine.ts";
import type { Recording } from "../../features/recording.ts";
import type { Audio } from "../../features/wav.ts";
import type { Classifier } from "../model/answers.ts";
import { openChosen, warningsOf } from "../model/classifier.ts";
import type { DeviceChoice } from "../words/options.ts";
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

/** Stretches that are held at once: more of them are no faster, and take more memory. */
const BATCH = 8;
/** Seconds that are heard at once; of a longer stretch only the beginning is. */
export const LONGEST = 30;
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

  /** Answers of less confidence are "unsure". */
  get unsureBelow(): number {
    return this.#classifier.unsureBelow;
  }

  get licence(): string | null {
    return this.#classifier.licence;
  }

  get caution(): string | null {
    return this.#classifier.caution ?? null;
  }

  /** What is to be said before any answer. */
  get warnings(): string[] {
    return warningsOf(this.#classifier);
  }

  /** Of a recording heard as a whole, however quiet. */
  async judgeWhole(audio: Audio): Promise<Verdict> {
    const row = await this.#listen(audio);
    return verdictOf(this.labels, (await this.#classifier.classify([row])).probabilities);
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
    // each once, in the order of time: what is decoded as it is read is read onwards
    const order = Uint32Array.from(stretches.keys())
      .sort((a, b) => stretches[a].from - stretches[b].from || stretches[a].to - stretches[b].to);
    const same = (a: number, b: number) =>
      stretches[a].from === stretches[b].from && stretches[a].to === stretches[b].to;
    const verdicts = new Array<Verdict | undefined>(stretches.length);
    for (let from = 0; from < order.length;) {
      const batch: Stretch[] = [];
      const places = new Map<number, number>(); // of stretches, in the batch
      let to = from;
      for (; to < order.length; to++) {
        if (to === from || !same(order[to - 1], order[to])) {
          if (batch.length === BATCH) break;
          batch.push(stretches[order[to]]);
        }
        places.set(order[to], batch.length - 1);
      }
      const found = await this.#judgeBatch(recording, batch);
      for (const [i, k] of places) verdicts[i] = found[k];
      onDone(from = to);
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
      const samples = await recording.read(first, last - first);
      if (!samples.some((x) => Math.abs(x) >= QUIET)) continue;
      rowOf.set(i, rows.length);
      rows.push(await this.#listen({ samples, sampleRate }));
    }
    if (rows.length === 0) return stretches.map(() => undefined);
    const probabilities = Array.from((await classify(rows)).probabilities);
    const n = labels.length;
    return stretches.map((_, i) => {
      const row = rowOf.get(i);
      if (row === undefined) return undefined;
      return verdictOf(labels, probabilities.slice(row * n, (row + 1) * n));
    });
  }
}

/** The likeliest label, the first of equals, and how sure it is. */
export function verdictOf(labels: readonly string[], values: ArrayLike<number>): Verdict {
  const probabilities = Array.from(values);
  const best = probabilities.indexOf(Math.max(...probabilities));
  return { label: labels[best], confidence: probabilities[best], probabilities };
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
  // a Worker that is started inside a Worker, as a second thread would be here, takes Deno a second
  const device = made.use(await openDevice(choice, { threads: 1 }));
  const engine = made.use(await FeatureEngine.open());
  const { path: model, classifier } = await openChosen(run, device);
  const judge = new Judge(classifier, (audio) => engine.compute(classifier.input, audio));
  const held = made.move();
  return { judge, model, [Symbol.dispose]: () => held.dispose() };
}
