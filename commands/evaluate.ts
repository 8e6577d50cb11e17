/**
 * `evaluate`: a trained model on its run's own test clips, or on all clips of another corpus whose
 * classes bear the same names.
 */
import { UserError } from "../engine/error.ts";
import { openDevice } from "../engine/open.ts";
import { openCorpus } from "../features/corpus/open.ts";
import type { Corpus } from "../features/corpus/clip.ts";
import { split } from "../features/corpus/split.ts";
import { computeMetrics, type Metrics } from "../report/metrics.ts";
import { createProgress } from "../report/progress.ts";
import { RunFolder } from "../report/run_folder.ts";
import { evaluationTable } from "../report/terminal.ts";
import type { RunConfig } from "../report/types.ts";
import { answersOf } from "./answers.ts";
import { chooseCorpus, requireSameCorpus } from "./corpus.ts";
import { loadInputs, toDevice } from "./inputs.ts";
import { decodeModel, readModel } from "./model_file.ts";
import type { EvaluateOptions } from "./options.ts";

export async function evaluate(options: EvaluateOptions): Promise<Metrics> {
  const progress = createProgress();
  const folder = await RunFolder.open(options.run);
  const config = await folder.readConfig();
  const bytes = await readModel(folder.modelPath);
  using device = await openDevice(options.device);
  const { model, system, labels, normalization } = decodeModel(bytes, folder.modelPath, device);
  const own = options.data === undefined;
  const corpus = options.data === undefined
    ? await chooseCorpus(config.data ?? undefined, progress, config)
    : withLabels(await openCorpus(options.data), labels);
  const skipBroken = options.skipBroken || (own && config.skipBroken);
  const inputs = await loadInputs(corpus, system.input, { skipBroken, progress });
  const rows = own ? ownTestClips(inputs.corpus, config) : inputs.corpus.clips.map((_, i) => i);
  const data = toDevice(device, inputs, normalization, rows);
  const answers = await answersOf(model, data, { labels, batch: config.recipe.batch });
  const metrics = computeMetrics(answers);
  console.log(evaluationTable(metrics, {
    config,
    clips: options.data === undefined
      ? `the run's own test clips; ${config.split}`
      : `all clips of ${corpus.name}`,
    synthetic: corpus.synthetic || config.synthetic,
  }));
  return metrics;
}

/** The clips that were kept from training, found again by protocol, seed and fold. */
function ownTestClips(corpus: Corpus, config: RunConfig): readonly number[] {
  const { protocol, seed, fold } = config;
  const { train, validation, test } = split(corpus, { protocol, seed, fold: fold ?? undefined });
  requireSameCorpus(corpus, {
    train: train.length,
    validation: validation.length,
    test: test.length,
  }, config);
  return test;
}

/** The same clips with labels numbered as the model numbers them. */
function withLabels(corpus: Corpus, labels: readonly string[]): Corpus {
  const index = corpus.labels.map((l) => labels.indexOf(l));
  const stranger = corpus.labels.find((_, i) => index[i] < 0);
  if (stranger !== undefined) {
    throw new UserError(
      `${corpus.name}: class "${stranger}" is unknown to the model, which knows ${
        labels.join(", ")
      }`,
    );
  }
  const clips = corpus.clips.map((c) => ({ ...c, label: index[c.label] }));
  return { ...corpus, labels, clips };
}
