/** What of a checkpoint becomes part of a network, and what is said of it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Device, Random, UserError } from "../../../engine/mod.ts";
import { openCpu } from "../../../engine/cpu/backend.ts";
import { requireRoom, roomForStates } from "../../../commands/run/room.ts";
import { openCheckpoint } from "../../../models/wav2vec2/checkpoint.ts";
import { buildNetwork, headOf, loadBackbone, loadNetwork } from "../../../models/wav2vec2/load.ts";
import { originOf, SEEN_RAVDESS } from "../../../models/wav2vec2/origin.ts";
import { loadReport } from "../../../models/wav2vec2/load_report.ts";
import { networkName } from "../../../models/wav2vec2/checkpoint_names.ts";
import { sequencesOf } from "../../../models/wav2vec2/sequences.ts";
import type { DenseHead, Wav2Vec2Network } from "../../../models/wav2vec2/heads.ts";
import { TINY, writeTiny } from "./tiny.ts";

const LABELS = ["calm", "sad", "angry"];

/** The kernels' own run (`test:fast`) may write nothing. */
const ignore = Deno.permissions.querySync({ name: "write" }).state !== "granted";

Deno.test("a head is taken over for the same labels in the same order, and else made fresh", {
  ignore,
}, async () => {
  const dir = await Deno.makeTempDir({ prefix: "timbre-load-" });
  try {
    await writeTiny(dir, { config: { ...TINY, labels: LABELS }, head: "paper" });
    using device = new Device(await openCpu({ threads: 1 }));
    const context = { device, random: Random.of(2, "head") };
    const checkpoint = await openCheckpoint(dir);
    assert.equal(headOf(checkpoint), "paper");
    const load = async (head: "paper" | "projector", labels: readonly string[]) => {
      const { network, match, hash } = await loadNetwork(context, checkpoint, { head, labels });
      network.dispose();
      const { size } = network.state();
      return { head: match.head, hash, size, lines: loadReport(match) };
    };
    const same = await load("paper", LABELS);
    assert.equal(same.head, "loaded");
    assert.match(same.lines[0], new RegExp(` ${same.size} of the network's ${same.size} tensors`));
    // The same backbone has the same hash, whatever stands on it.
    const cases = [
      [
        ...["paper", LABELS.toReversed()] as const,
        'it was made for "calm", "sad", "angry", here for "angry", "sad", "calm"',
      ],
      [
        ...["projector", LABELS] as const,
        "the file does not hold projector.weight, projector.bias, classifier.weight, classifier.bias",
      ],
    ] as const;
    for (const [head, labels, reason] of cases) {
      const other = await load(head, labels);
      assert.equal(other.head, "fresh");
      assert.equal(other.hash, same.hash);
      const [loaded, total] = other.lines[0].match(/\d+(?= of)|\d+(?= tensors)/g)!.map(Number);
      assert.deepEqual([loaded, total], [same.size - 4, same.size]);
      assert.equal(other.lines.at(-1), `the head is fresh and must be trained: ${reason}`);
    }
    const { backbone, match } = await loadBackbone(context, checkpoint);
    assert.equal(match.head, "none");
    assert.deepEqual(match.missing, []);
    assert.equal(device.liveTensors, backbone.state().size);
    backbone.dispose();
    assert.equal(device.liveTensors, 0);
    checkpoint.weights.close();
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a dense head is linear, tanh and linear of the average, however its last layer is spelled", async () => {
  using device = new Device(await openCpu({ threads: 1 }));
  const context = { device, random: Random.of(2, "dense") };
  const network = buildNetwork(context, { config: TINY, head: "dense", classes: 3 }).freeze();
  network.train(false);
  network.entry = "pooled";
  const { hiddenSize } = TINY;
  const pooled = Float32Array.from({ length: hiddenSize }, (_, i) => Math.sin(i));
  const values = device.tensor(pooled, [1, 1, hiddenSize]);
  const logits = device.scope(() => network.forward(sequencesOf(values, Int32Array.of(1))));
  const { dense, output } = (network as DenseHead).classifier;
  const layer = async ({ weight, bias }: typeof dense, x: ArrayLike<number>) => {
    const [w, b] = [await weight.data(), await bias.data()];
    return Array.from(b, (y, o) => {
      for (let i = 0; i < x.length; i++) y += w[o * x.length + i] * x[i];
      return y;
    });
  };
  const hidden = (await layer(dense, pooled)).map(Math.tanh);
  const expected = await layer(output, hidden);
  (await logits.data()).forEach((z, i) => assert.ok(Math.abs(z - expected[i]) < 1e-5));
  assert.equal(networkName("classifier.out_proj.bias"), "classifier.output.bias");
});

Deno.test(
  "a checkpoint that has seen RAVDESS is known by its folder, by its origin and by its odd head",
  { ignore },
  async () => {
    const dir = await Deno.makeTempDir({ prefix: "timbre-origin-" });
    try {
      await writeTiny(dir);
      const checkpoint = await openCheckpoint(dir);
      const { config, weights } = checkpoint;
      assert.equal(originOf("somewhere", checkpoint).caution, null);
      const hub = "ehcalabres/wav2vec2-lg-xlsr-en-speech-emotion-recognition";
      const info = { dtype: "F32", shape: [1] } as const;
      const odd = ["classifier.dense.weight", "classifier.output.weight"];
      const withHead = {
        file: weights.file,
        entries: () => new Map(odd.map((name) => [name, info])),
        readFloat32: () => Promise.reject(new Error("not asked for")),
        eachFloat32: () => Promise.reject(new Error("not asked for")),
        close: () => {},
      };
      const found = [
        originOf(join("weights", hub), checkpoint),
        originOf("somewhere", { ...checkpoint, config: { ...config, nameOrPath: hub } }),
        originOf("somewhere", { ...checkpoint, weights: withHead }),
      ];
      assert.deepEqual(found.map(({ caution }) => caution), [
        SEEN_RAVDESS,
        SEEN_RAVDESS,
        SEEN_RAVDESS,
      ]);
      weights.close();
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
);

Deno.test("what the CPU backend cannot hold is told before it is begun", () => {
  const network = (frozen: number, learning: number) =>
    ({
      state: () => new Map([["a", { size: frozen }], ["b", { size: learning }]]),
      parameterCount: () => learning,
    }) as unknown as Wav2Vec2Network;
  const on = (kind: string) => ({ kind }) as unknown as Device;
  const large = 315e6;
  requireRoom(on("cpu"), network(large, 3e5), "head");
  requireRoom(on("cpu"), network(large, 26e6), "last:2");
  requireRoom(on("webgpu"), network(0, large), "all");
  // Of states beside it a large network leaves less room in three gigabytes.
  assert.equal(roomForStates(on("cpu"), network(80e6, 14e6), []), 1.656e9);
  assert.equal(roomForStates(on("cpu"), network(290e6, 25e6), []), 0.64e9);
  const clips = [new Float32Array(1e6), new Float32Array(2e6)];
  assert.equal(roomForStates(on("cpu"), network(290e6, 25e6), clips), 0.628e9);
  assert.equal(roomForStates(on("cpu"), network(0, large), []), 0);
  assert.equal(roomForStates(on("webgpu"), network(0, large), clips), 2e9);
  assert.throws(() => requireRoom(on("cpu"), network(0, large), "all"), (error) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /^--train all of this network needs about 5\.4 GB, and the CPU/);
    return true;
  });
});
