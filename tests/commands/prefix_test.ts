/** What the frozen part of a network gives: the same from memory and from disk, and run again where it is damaged. */
import assert from "node:assert/strict";
import { openCpu } from "../../engine/cpu/backend.ts";
import { Device } from "../../engine/device.ts";
import { Random } from "../../engine/random.ts";
import { SequenceRows } from "../../engine/train/sequence_rows.ts";
import { Trainer } from "../../engine/train/trainer.ts";
import type { Wav2Vec2Network } from "../../models/wav2vec2/heads.ts";
import { buildNetwork } from "../../models/wav2vec2/load.ts";
import { wav2vec2Base } from "../../models/wav2vec2/systems.ts";
import { parsePart, prepareTraining } from "../../models/wav2vec2/training_part.ts";
import { type Prefix, runPrefix } from "../../commands/run/prefix.ts";
import type { Progress } from "../../report/progress.ts";
import { TINY } from "../models/wav2vec2/tiny.ts";

const CLASSES = 4;
const LENGTHS = [4000, 2900, 3500, 2800, 3100, 2700, 3300, 3900];
const CLIPS = LENGTHS.map((n, clip) =>
  Float32Array.from({ length: n }, (_, i) => Math.sin(i * (0.1 + 0.05 * clip)))
);

interface Setting {
  readonly device: Device;
  readonly network: Wav2Vec2Network;
  readonly random: Random;
}

/** The same network each time. */
function build(device: Device): Setting {
  const random = Random.of(4, "network");
  const context = { device, random };
  const network = buildNetwork(context, { config: TINY, head: "paper", classes: CLASSES });
  prepareTraining(context, network, parsePart("last:2")!);
  return { device, network, random };
}

async function prefixOf(
  { device, network }: Setting,
  { cache, memory }: { readonly cache: string; readonly memory: number },
): Promise<{ readonly prefix: Prefix; readonly ran: number }> {
  let ran = 0;
  const progress: Progress = {
    start: (_, total) => void (ran += total),
    update() {},
    stop() {},
    line() {},
  };
  const clips = [...CLIPS];
  const options = { device, network, hash: "0".repeat(64), clips, progress, cache, memory };
  const prefix = await runPrefix(options);
  assert.equal(clips.length, 0, "the clips are held on");
  return { prefix, ran };
}

/** Losses of two epochs of the last two layers, dropout and all. */
async function lossesOf({ device, network, random }: Setting, prefix: Prefix): Promise<number[]> {
  const hostLabels = Int32Array.from(CLIPS, (_, i) => i % CLASSES);
  const inputs = new SequenceRows(device, prefix.rows, prefix.channels);
  const data = { inputs, hostLabels, labels: device.tensor(hostLabels), n: CLIPS.length };
  const recipe = { ...wav2vec2Base.recipe, batch: 3, epochs: 2 };
  const trainer = new Trainer({
    ...{ device, model: network, recipe, seed: 1, random },
    ...{ train: data, validation: data },
  });
  await trainer.run();
  const losses = trainer.history.flatMap((e) => [e.trainLoss, e.validationLoss!]);
  trainer.dispose();
  network.dispose();
  return losses;
}

Deno.test("training sees no difference between memory, disk and some of each", async () => {
  const cache = await Deno.makeTempDir({ prefix: "timbre-prefix-" });
  try {
    using device = new Device(await openCpu({ threads: 2 }));
    const found: number[][] = [];
    const runs: number[] = [];
    let half = 0;
    for (const memory of [() => 1e9, () => 0, () => half]) {
      const setting = build(device);
      const { prefix, ran } = await prefixOf(setting, { cache, memory: memory() });
      half = 4 * prefix.rows.sizes.reduce((a, b) => a + b) / 2;
      runs.push(ran);
      found.push(await lossesOf(setting, prefix));
    }
    assert.equal(new Set(found[0]).size, 4, "four losses, all different");
    assert.deepEqual(found[1], found[0]);
    assert.deepEqual(found[2], found[0]);
    assert.deepEqual(runs, [CLIPS.length, 0, 0], "what is cached is not run again");
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});

Deno.test("with no room in memory the rows are read from disk, and a damaged one is run again", async () => {
  const cache = await Deno.makeTempDir({ prefix: "timbre-prefix-" });
  try {
    using device = new Device(await openCpu({ threads: 2 }));
    const setting = build(device);
    const { prefix } = await prefixOf(setting, { cache, memory: 0 });
    const first = prefix.rows.read(0);
    assert.equal(first.length, prefix.rows.sizes[0]);
    assert.notEqual(prefix.rows.read(0), first, "held by nobody");
    const files: string[] = [];
    await collect(cache, files);
    assert.equal(files.length, CLIPS.length);
    for (const file of files) {
      const bytes = await Deno.readFile(file);
      bytes[40] ^= 1;
      await Deno.writeFile(file, bytes);
    }
    assert.throws(() => prefix.rows.read(0), /a file of the cache is gone or damaged/);
    const again = await prefixOf(setting, { cache, memory: 0 });
    assert.equal(again.ran, CLIPS.length);
    assert.deepEqual(again.prefix.rows.read(0), first);
    setting.network.dispose();
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});

async function collect(folder: string, into: string[]): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile) into.push(`${folder}/${name}`);
    else await collect(`${folder}/${name}`, into);
  }
}
