/**
 * `predict`: class and probabilities of recordings by a trained model, a table or JSON. It opens
 * strangers' files, so its task runs with WebAssembly's bounds checks on, and decodes in process.
 */
import { openDevice } from "../engine/open.ts";
import { UserError } from "../engine/error.ts";
import { readAudio } from "../features/audio.ts";
import { FeatureEngine } from "../features/feature_engine.ts";
import { percent } from "../report/words.ts";
import type { Classifier } from "./answers.ts";
import { openChosen, warningsOf } from "./classifier.ts";
import type { PredictOptions } from "./options.ts";
import { isModel } from "./shipped.ts";

interface Answer {
  readonly file: string;
  readonly label?: string;
  /** It is less sure than the model must be to be believed. */
  readonly unsure?: boolean;
  readonly probabilities?: Record<string, number>;
  /** What is wrong with the file, where something is. */
  readonly error?: string;
}

export async function predict({ json, device: choice, ...words }: PredictOptions): Promise<void> {
  const { run, files } = await apart(words);
  using device = await openDevice(choice);
  const { classifier } = await openChosen(run, device);
  using engine = await FeatureEngine.open();
  const answers: Answer[] = [];
  for (const file of files) answers.push(await answer(file, classifier, engine));
  const { synthetic, licence, caution = null } = classifier;
  if (json) console.log(JSON.stringify({ synthetic, licence, caution, answers }, null, 2));
  else console.log(table(answers, classifier));
  const failed = answers.filter((a) => a.error !== undefined).length;
  if (failed > 0) {
    const whole = files.length === 1 ? "1 file" : `${files.length} files`;
    throw new UserError(`${failed} of ${whole} could not be read (see above)`);
  }
}

/** A run may be named as the first of the files. */
async function apart(
  { run, files }: Pick<PredictOptions, "run" | "files">,
): Promise<Pick<PredictOptions, "run" | "files">> {
  const [first, ...rest] = files;
  if (run !== undefined || !await isModel(first)) return { run, files };
  if (rest.length === 0) throw new UserError(`predict needs FILE after ${first}: [RUN] FILE…`);
  return { run: first, files: rest };
}

async function answer(
  file: string,
  { input, labels, unsureBelow, classify }: Classifier,
  engine: FeatureEngine,
): Promise<Answer> {
  try {
    const values = await engine.compute(input, await readAudio(file));
    const { predictions, probabilities } = await classify([values]);
    return {
      file,
      label: labels[predictions[0]],
      unsure: probabilities[predictions[0]] < unsureBelow,
      probabilities: Object.fromEntries(labels.map((l, i) => [l, probabilities[i]])),
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { file, error: error.message };
  }
}

function table(answers: readonly Answer[], classifier: Classifier): string {
  const { labels } = classifier;
  const width = Math.max(4, ...answers.map((a) => a.file.length));
  const columns = labels.map((l) => l.padStart(Math.max(7, l.length)));
  const lines = answers.map(({ file, label, unsure, probabilities, error }) =>
    error !== undefined ? `${file.padEnd(width)}  ${error.replace(`${file}: `, "")}` : [
      file.padEnd(width),
      (unsure ? "unsure" : label!).padEnd(10),
      ...labels.map((l, i) => percent(probabilities![l]).padStart(columns[i].length)),
    ].join("  ")
  );
  const head = ["file".padEnd(width), "emotion".padEnd(10), ...columns].join("  ");
  return [...warningsOf(classifier), head, ...lines].join("\n");
}
