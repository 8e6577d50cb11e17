/**
 * Full-size checkpoints, as tests/goldens/full_size.py writes them, through the real path on the CPU: logits
 * held against transformers', a forward pass of one 4-second clip timed beside PyTorch's in one run, and
 * the most memory the process took.
 *
 *     deno task bench:wav2vec2 DIR [PYTHON]      # DIR holds base/, large/ or both
 */
import { join } from "node:path";
import { openDevice } from "../engine/open.ts";
import { Random } from "../engine/random.ts";
import { openCheckpoint } from "../models/wav2vec2/checkpoint.ts";
import { receptiveField } from "../models/wav2vec2/feature_encoder.ts";
import { loadNetwork } from "../models/wav2vec2/load.ts";
import { waveformRows } from "../models/wav2vec2/waveforms.ts";

const SAMPLES = 64_000;
const ROUNDS = 3;
/** Of the largest logit. */
const TOLERANCE = 1e-4;

/** The clip of full_size.py. */
function clip(): Float32Array {
  return Float32Array.from({ length: SAMPLES }, (_, i) => {
    const t = i / 16_000;
    return 0.3 * Math.sin(1382.3 * t) + 0.1 * Math.sin(5026.5 * t) * t + 0.01 * t;
  });
}

const median = (times: number[]) => times.toSorted((a, b) => a - b)[times.length >> 1];

async function peer(python: string | undefined, folder: string): Promise<number | null> {
  if (python === undefined) return null;
  const { success, stdout } = await new Deno.Command(python, {
    args: ["bench/peers/wav2vec2.py", folder, String(SAMPLES)],
    stderr: "null",
  }).output();
  return success ? Number(new TextDecoder().decode(stdout)) : null;
}

/** One folder; says what it found, and whether the logits are those of transformers. */
async function check(folder: string, python: string | undefined): Promise<boolean> {
  const expected = JSON.parse(await Deno.readTextFile(join(folder, "expected.json")));
  using device = await openDevice("cpu");
  const checkpoint = await openCheckpoint(folder);
  const started = performance.now();
  const { network } = await loadNetwork(
    { device, random: Random.of(0, "weights") },
    checkpoint,
    { head: "projector", labels: checkpoint.config.labels! },
  );
  checkpoint.weights.close();
  const loading = performance.now() - started;
  network.freeze().train(false);
  const { doNormalize } = checkpoint.preprocessor;
  const least = receptiveField(checkpoint.config);
  const rows = waveformRows(device, [clip()], { doNormalize, least });
  const run = () =>
    device.noGrad(() => device.scope(() => network.forward(rows.at(Int32Array.of(0)))));
  const logits = run();
  const found = await logits.data();
  logits.dispose();
  const largest = Math.max(...expected.logits.map(Math.abs));
  const gap = Math.max(...found.map((x, i) => Math.abs(x - expected.logits[i]))) / largest;
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < 3; i++) {
      const start = performance.now();
      run().dispose();
      ours.push(performance.now() - start);
    }
    const seconds = await peer(python, folder);
    if (seconds !== null) theirs.push(1000 * seconds);
  }
  const { rss } = Deno.memoryUsage();
  const beside = theirs.length > 0
    ? `PyTorch ${median(theirs).toFixed(0)} ms, ours / PyTorch ${
      (median(ours) / median(theirs)).toFixed(2)
    }`
    : "no PyTorch to compare with";
  console.log(
    `${folder}: loaded in ${(loading / 1000).toFixed(1)} s; logits off by ${
      gap.toExponential(1)
    } of ` +
      `the largest; forward ${median(ours).toFixed(0)} ms; ${beside}; ${
        (rss / 1e9).toFixed(2)
      } GB resident`,
  );
  network.dispose();
  return gap <= TOLERANCE;
}

const [folder, python] = Deno.args;
let sound = true;
for (const name of ["base", "large"]) {
  const path = join(folder ?? ".", name);
  if (await Deno.stat(path).catch(() => null)) sound = await check(path, python) && sound;
}
if (!sound) {
  console.error(`bench: logits differ from transformers' by more than ${TOLERANCE}`);
  Deno.exit(1);
}
