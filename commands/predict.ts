/**
 * `predict`: class and probabilities of recordings by a trained model, a table or JSON. It opens
 * strangers' files, so its task runs with WebAssembly's bounds checks on, and decodes in process.
 */
import { openDevice } from "../engine/open.ts";
import { UserError } from "../engine/error.ts";
import { readAudio } from "../features/audio.ts";
import { FeatureEngine } from "../features/feature_engine.ts";
import { RunFolder } from "../report/run_folder.ts";
import { percent } from "../report/words.ts";
import { type Classifier, openClassifier } from "./classifier.ts";
import { readModel } from "./model_file.ts";
import type { PredictOptions } from "./options.ts";

interface Answer {
  readonly file: string;
  readonly label?: string;
  readonly probabilities?: Record<string, number>;
  /** What is wrong with the file, where something is. */
  readonly error?: string;
}

export async function predict({ run, files, json, device: choice }: PredictOptions): Promise<void> {
  const modelPath = await RunFolder.findModel(run);
  const bytes = await readModel(modelPath);
  using device = await openDevice(choice);
  const classifier = await openClassifier(bytes, modelPath, device);
  using engine = await FeatureEngine.open();
  const answers: Answer[] = [];
  for (const file of files) answers.push(await answer(file, classifier, engine));
  if (json) console.log(JSON.stringify({ synthetic: classifier.synthetic, answers }, null, 2));
  else console.log(table(answers, classifier));
  const failed = answers.filter((a) => a.error !== undefined).length;
  if (failed > 0) {
    const whole = files.length === 1 ? "1 file" : `${files.length} files`;
    throw new UserError(`${failed} of ${whole} could not be read (see above)`);
  }
}

async function answer(
  file: string,
  { input, labels, classify }: Classifier,
  engine: FeatureEngine,
): Promise<Answer> {
  try {
    const values = await engine.compute(input, await readAudio(file));
    const { predictions, probabilities } = await classify([values]);
    return {
      file,
      label: labels[predictions[0]],
      probabilities: Object.fromEntries(labels.map((l, i) => [l, probabilities[i]])),
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { file, error: error.message };
  }
}

function table(answers: readonly Answer[], { labels, synthetic }: Classifier): string {
  const width = Math.max(4, ...answers.map((a) => a.file.length));
  const columns = labels.map((l) => l.padStart(Math.max(7, l.length)));
  const lines = answers.map(({ file, label, probabilities, error }) =>
    error !== undefined ? `${file.padEnd(width)}  ${error.replace(`${file}: `, "")}` : [
      file.padEnd(width),
      label!.padEnd(10),
      ...labels.map((l, i) => percent(probabilities![l]).padStart(columns[i].length)),
    ].join("  ")
  );
  const head = ["file".padEnd(width), "emotion".padEnd(10), ...columns].join("  ");
  const note = synthetic
    ? ["this model was trained on SYNTHETIC voices: its answers on people mean nothing"]
    : [];
  return [...note, head, ...lines].join("\n");
}
