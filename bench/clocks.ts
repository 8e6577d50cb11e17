/**
 * A GPU's two clocks: the wall, around runs with the queue drained behind them, and the GPU's own timestamps.
 * One series is timed by both, so that whatever else the machine does slows both; where they disagree, the
 * runtime's timestamps are no seconds and are not used.
 */
import type { Device } from "../engine/device.ts";
import { matmul } from "../engine/ops/matmul.ts";
import { normal } from "../engine/ops/random_ops.ts";
import { Random } from "../engine/random.ts";
import { runsToFill, timestampRuns } from "./measure.ts";

/** Seconds of a series of runs. */
const SERIES = 0.15;
/** Timestamps may fall short of the wall by what a submit costs, and never pass it by much. */
const AGREE = { least: 0.6, most: 1.1 };

/** Seconds a run of the fastest series, and how many runs a series has: enough to hide the queue's draining. */
export async function fastestInARow(
  device: Device,
  run: () => void,
): Promise<{ seconds: number; runs: number }> {
  const once = async (runs: number) => {
    const start = performance.now();
    for (let i = 0; i < runs; i++) run();
    await device.backend.finish();
    return { seconds: (performance.now() - start) / 1000 };
  };
  await once(1);
  const runs = await runsToFill(SERIES, once);
  let best = Infinity;
  for (let i = 0; i < 3; i++) best = Math.min(best, (await once(runs)).seconds / runs);
  return { seconds: best, runs };
}

/** Seconds of `run`, which must keep the GPU busy, by both clocks; `own`: null where the GPU's tells none. */
export async function byBothClocks(
  device: Device,
  run: () => void,
): Promise<{ wall: number; own: readonly number[] | null }> {
  const { seconds: wall, runs } = await fastestInARow(device, run);
  const start = performance.now();
  const own = await timestampRuns(run, device, runs);
  const took = (performance.now() - start) / 1000;
  const told = own?.reduce((sum, seconds) => sum + seconds, 0) ?? 0;
  const agree = told > took * AGREE.least && told < took * AGREE.most;
  return { wall, own: agree ? own : null };
}

/** Whether a device's timestamps are there and tell seconds: a large product says it, in a second or two. */
export async function timestampsTellSeconds(device: Device): Promise<boolean> {
  const { backend } = device;
  if (backend.kind === "cpu") return false;
  const n = backend.caps.software ? 256 : 2048;
  const random = Random.of(1, "clocks");
  const [a, b] = [0, 1].map(() => device.keep(normal(device, [n, n], random)));
  try {
    const product = () => device.scope(() => void matmul(a, b));
    return (await byBothClocks(device, product)).own !== null;
  } finally {
    a.dispose();
    b.dispose();
  }
}
