/**
 * `evaluate --robustness`: a model on the same clips as they are and made worse in several ways. The
 * recordings are read once a way; nothing of it is cached.
 */
import { UserError } from "../engine/error.ts";
import { readAudio } from "../features/audio.ts";
import { degradations } from "../features/degrade.ts";
import { ProcessDecoder } from "../features/decoder_process.ts";
import { FeatureEngine, SPEECH_RATE } from "../features/feature_engine.ts";
import type { Clip } from "../features/corpus/clip.ts";
import { computeMetrics } from "../report/metrics.ts";
import type { Progress } from "../report/progress.ts";
import type { Robustness } from "../report/types.ts";
import type { Classifier } from "./model/answers.ts";

/** Figures of each way, in the order of `degradations`. */
export async function tryRobustness(
  { input, labels, classify }: Classifier,
  clips: readonly Clip[],
  progress: Progress,
): Promise<Robustness[]> {
  using engine = await FeatureEngine.open();
  using decoder = new ProcessDecoder();
  const found: Robustness[] = [];
  const ways = degradations({
    decoder,
    resample: async (audio) => ({
      samples: await engine.compute("waveform", audio),
      sampleRate: SPEECH_RATE,
    }),
  });
  progress.start("recordings", ways.length * clips.length);
  for (const { name, apply } of ways) {
    const rows: Float32Array[] = [];
    for (const [i, { path }] of clips.entries()) {
      const worse = await apply(await readAudio(path, decoder), i);
      rows.push(
        await engine.compute(input, worse).catch((error) => {
          throw error instanceof UserError ? new UserError(`${path}: ${error.message}`) : error;
        }),
      );
      progress.update(found.length * clips.length + rows.length);
    }
    const { n, accuracy, uar, ci95 } = computeMetrics({
      ...await classify(rows),
      labels: clips.map(({ label }) => label),
      classes: labels,
    });
    found.push({ name, n, accuracy, uar, ci95 });
  }
  progress.stop();
  return found;
}
