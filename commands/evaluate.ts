/**
 * `evaluate`: a trained model on its run's own test clips, or on all clips of another corpus whose
 * classes bear the same names.
 */
import { openDevice } from "../engine/open.ts";
import type { Corpus } from "../features/corpus/clip.ts";
import { computeMetrics, type Metrics } from "../report/metrics.ts";
import { createProgress } from "../report/progress.ts";
import { prettyJson } from "../report/run_files.ts";
import { RunFolder } from "../report/run_folder.ts";
import { evaluationTable, robustnessTable } from "../report/terminal.ts";
import type { RunConfig } from "../report/types.ts";
import { openClassifier } from "./model/classifier.ts";
import { chooseCorpus, openData, requireSameCorpus, withLabels } from "./sources/corpus.ts";
import { loadInputs } from "./model/inputs.ts";
import { readModel } from "./model/model_file.ts";
import type { EvaluateOptions } from "./words/options.ts";
import { tryRobustness } from "./robustness.ts";
import { partsOf } from "./run/run_config.ts";

export async function evaluate(options: EvaluateOptions): Promise<Metrics> {
  const progress = createProgress();
  const folder = await RunFolder.open(options.run);
  const config = await folder.readConfig();
  const bytes = await readModel(folder.modelPath);
  using device = await openDevice(options.device);
  const classifier = await openClassifier(bytes, folder.modelPath, device);
  const { labels } = classifier;
  const own = options.data === undefined;
  const found = options.data === undefined
    ? await chooseCorpus(config.data ?? undefined, progress, config)
    : await openData(options.data);
  const corpus = withLabels(found, labels);
  const skipBroken = options.skipBroken || (own && config.skipBroken);
  const inputs = await loadInputs(corpus, classifier.input, { skipBroken, progress });
  const chosen = own ? ownTestClips(inputs.corpus, config) : inputs.corpus.clips.map((_, i) => i);
  const metrics = computeMetrics({
    ...await classifier.classify(chosen.map((i) => inputs.rows[i])),
    labels: chosen.map((i) => inputs.corpus.clips[i].label),
    classes: labels,
  });
  const synthetic = corpus.synthetic || config.synthetic;
  const clips = chosen.map((i) => inputs.corpus.clips[i]);
  const robustness = options.robustness ? await tryRobustness(classifier, clips, progress) : null;
  if (options.json) {
    console.log(prettyJson({ synthetic, metrics, robustness }).trimEnd());
    return metrics;
  }
  console.log(evaluationTable(metrics, {
    ...{ config, synthetic },
    clips: own ? `the run's own test clips; ${config.split}` : `all clips of ${corpus.name}`,
  }));
  if (robustness) console.log(`\n${robustnessTable(robustness, { config, synthetic })}`);
  return metrics;
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
