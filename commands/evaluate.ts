/**
 * `evaluate`: a trained model on its run's own test clips, or on all clips of another corpus whose
 * classes bear the same names; a checkpoint that names emotions on all clips of a corpus.
 */
import { UserError } from "../engine/error.ts";
import { openDevice } from "../engine/open.ts";
import type { Corpus } from "../features/corpus/clip.ts";
import { computeMetrics, type Metrics } from "../report/metrics.ts";
import { createProgress } from "../report/progress.ts";
import { prettyJson } from "../report/run_files.ts";
import { RunFolder } from "../report/run_folder.ts";
import {
  type Evaluated,
  evaluatedRun,
  evaluationTable,
  robustnessTable,
} from "../report/terminal.ts";
import type { RunConfig } from "../report/types.ts";
import type { Classifier } from "./model/answers.ts";
import { openChosen } from "./model/classifier.ts";
import { chooseCorpus, openData, requireSameCorpus, withLabels } from "./sources/corpus.ts";
import { loadInputs } from "./model/inputs.ts";
import { isCheckpoint } from "./model/wav2vec2_classifier.ts";
import type { EvaluateOptions } from "./words/options.ts";
import { tryRobustness } from "./robustness.ts";
import { partsOf } from "./run/run_config.ts";

export async function evaluate(options: EvaluateOptions): Promise<Metrics> {
  const progress = createProgress();
  const config = await isCheckpoint(options.run) ? null : await readRun(options.run);
  const own = config !== null && options.data === undefined;
  if (!own && options.data === undefined) {
    throw new UserError(
      `${options.run}: a checkpoint has no test clips of its own; give recordings with --data DIR`,
    );
  }
  using device = await openDevice(options.device);
  const { classifier } = await openChosen(options.run, device);
  const { labels } = classifier;
  const found = options.data === undefined
    ? await chooseCorpus(config?.data ?? undefined, progress, config ?? undefined)
    : await openData(options.data);
  const corpus = withLabels(found, labels);
  const skipBroken = options.skipBroken || own && config.skipBroken;
  const inputs = await loadInputs(corpus, classifier.input, { skipBroken, progress });
  const chosen = own ? ownTestClips(inputs.corpus, config) : inputs.corpus.clips.map((_, i) => i);
  const metrics = computeMetrics({
    ...await classifier.classify(chosen.map((i) => inputs.rows[i])),
    labels: chosen.map((i) => inputs.corpus.clips[i].label),
    classes: labels,
  });
  const clips = chosen.map((i) => inputs.corpus.clips[i]);
  const robustness = options.robustness ? await tryRobustness(classifier, clips, progress) : null;
  const synthetic = corpus.synthetic || (config ?? classifier).synthetic;
  const model = config
    ? evaluatedRun(config, synthetic)
    : evaluatedCheckpoint(options.run, classifier, synthetic);
  if (options.json) {
    const { cautions } = model;
    console.log(prettyJson({ synthetic, cautions, metrics, robustness }).trimEnd());
    return metrics;
  }
  const which = own ? `the run's own test clips; ${config.split}` : `all clips of ${corpus.name}`;
  console.log(evaluationTable(metrics, model, which));
  if (robustness) console.log(`\n${robustnessTable(robustness, model)}`);
  return metrics;
}

async function readRun(run: string): Promise<RunConfig> {
  return await (await RunFolder.open(run)).readConfig();
}

/** A checkpoint, of which nobody here knows what it was kept from. */
function evaluatedCheckpoint(
  folder: string,
  { caution }: Classifier,
  synthetic: boolean,
): Evaluated {
  const unknown =
    "No clip was held out: what this checkpoint was trained on is not known here, and " +
    "where these speakers were among it the figures say too much.";
  return { title: folder, cautions: [caution ?? unknown], synthetic };
}

/** The clips that were kept from training, found again by protocol, seed and fold. */
function ownTestClips(corpus: Corpus, config: RunConfig): readonly number[] {
  const { train, validation, test } = partsOf(corpus, { ...config, split: config.protocol });
  requireSameCorpus(corpus, {
    train: train.length,
    validation: validation.length,
    test: test.length,
  }, config);
  return test;
}
