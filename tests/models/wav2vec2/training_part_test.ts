/** Which part of a network learns, where its training begins, and what is left alone. */
import assert from "node:assert/strict";
import { backward, type Device, UserError } from "../../../engine/mod.ts";
import { crossEntropy } from "../../../engine/ops/loss.ts";
import { AdamW } from "../../../engine/optim/adamw.ts";
import { Random } from "../../../engine/random.ts";
import { SequenceRows } from "../../../engine/train/sequence_rows.ts";
import type { Wav2Vec2Config } from "../../../models/wav2vec2/config.ts";
import { mergedTensors } from "../../../models/wav2vec2/export_network.ts";
import type { Wav2Vec2Network } from "../../../models/wav2vec2/heads.ts";
import { layerFactors } from "../../../models/wav2vec2/layer_factors.ts";
import { buildNetwork } from "../../../models/wav2vec2/load.ts";
import { parsePart, prepareTraining } from "../../../models/wav2vec2/training_part.ts";
import { openDevices } from "../../engine/devices.ts";
import { TINY, TINY_LARGE } from "./tiny.ts";

const CLASSES = 3;
/** Without the draws that make two forward passes differ. */
const STILL = {
  hiddenDropout: 0,
  activationDropout: 0,
  attentionDropout: 0,
  applySpecAugment: false,
};

function clips(): Float32Array[] {
  return [4000, 2900, 3500].map((n, clip) =>
    Float32Array.from({ length: n }, (_, i) => Math.sin(i * (0.1 + 0.05 * clip)))
  );
}

function build(device: Device, config: Wav2Vec2Config, part?: string): Wav2Vec2Network {
  const context = { device, random: Random.of(4, "network") };
  const network = buildNetwork(context, { config, head: "projector", classes: CLASSES });
  if (part !== undefined) prepareTraining(context, network, parsePart(part)!);
  return network;
}

/** What the network takes at its entry, as a cache would hold it. */
async function entryRows(device: Device, network: Wav2Vec2Network): Promise<SequenceRows> {
  const samples = new SequenceRows(device, clips(), 1);
  const { entry } = network;
  if (entry === "samples") return samples;
  network.train(false);
  const rows: Float32Array[] = [];
  let channels = 0;
  for (const i of clips().keys()) {
    const values = device.noGrad(() =>
      device.scope(() => {
        const x = samples.at(Int32Array.of(i));
        return entry === "pooled"
          ? network.pool(x, "samples")
          : network.wav2vec2.run(x, { to: entry }).values;
      })
    );
    channels = values.shape.at(-1)!;
    rows.push(await values.data() as Float32Array);
    values.dispose();
  }
  return new SequenceRows(device, rows, channels);
}

async function logitsOf(network: Wav2Vec2Network, rows: SequenceRows): Promise<Float32Array> {
  const { device } = rows;
  network.train(false);
  const logits = device.noGrad(() =>
    device.scope(() => network.forward(rows.at(Int32Array.of(0, 1, 2))))
  );
  const values = await logits.data() as Float32Array;
  logits.dispose();
  return values;
}

function near(a: Float32Array, b: Float32Array, within: number, what: string): void {
  a.forEach((x, i) => assert.ok(Math.abs(x - b[i]) <= within, `${what}: ${x} and ${b[i]} at ${i}`));
}

const PARTS = ["head", "last:1", "last:3", "encoder", "all", "lora:2"];

Deno.test("every part begins where the whole network would stand, and trains only itself", async (t) => {
  using devices = await openDevices();
  const [device] = devices.list;
  for (const [layout, config] of [["base", TINY], ["large", TINY_LARGE]] as const) {
    for (const part of PARTS) {
      await t.step(`${layout}, ${part}`, async () => {
        const whole = build(device, { ...config, ...STILL });
        const network = build(device, { ...config, ...STILL }, part);
        const expected = await logitsOf(whole, new SequenceRows(device, clips(), 1));
        const rows = await entryRows(device, network);
        near(await logitsOf(network, rows), expected, 1e-4, "logits");
        const before = new Map<string, Float32Array>();
        for (const [name, x] of network.state()) before.set(name, await x.data() as Float32Array);
        const labels = device.tensor(Int32Array.of(0, 1, 2));
        network.train();
        {
          using adam = new AdamW(network.parameters(), { learningRate: 1e-2 });
          for (let step = 0; step < 2; step++) {
            const loss = device.scope(() => {
              const logits = network.forward(rows.at(Int32Array.of(0, 1, 2)));
              const loss = crossEntropy(logits, labels, {});
              backward(loss);
              return loss;
            });
            loss.dispose();
            adam.step();
            adam.zeroGrad();
          }
        }
        labels.dispose();
        const moved: string[] = [];
        for (const [name, x] of network.state()) {
          const now = await x.data();
          if (now.some((v, i) => v !== before.get(name)![i])) moved.push(name);
        }
        const learned = network.learnedState();
        assert.deepEqual(moved.filter((name) => !learned.has(name)), []);
        assert.deepEqual(moved.filter((name) => !LEARNS[part](name)), []);
        const idle = [...network.parameters().keys()].filter((name) => !moved.includes(name));
        // No training masks a frame here; and nothing else that is trained stays as it was.
        assert.deepEqual(idle.filter((name) => !name.endsWith("masked_spec_embed")), []);
        whole.dispose();
        network.dispose();
      });
    }
  }
});

const isHead = (name: string) => !name.startsWith("wav2vec2.");
const above = (name: string, layer: number) =>
  isHead(name) || /\.encoder\.layer_norm\./.test(name) ||
  Number(/\.layers\.(\d+)\./.exec(name)?.[1] ?? -1) >= layer;

const LEARNS: Readonly<Record<string, (name: string) => boolean>> = {
  "head": isHead,
  "last:1": (name) => above(name, 2),
  "last:3": (name) => above(name, 0),
  "encoder": (name) => !name.includes("feature_extractor"),
  "all": () => true,
  "lora:2": (name) => isHead(name) || /_lora\.[ab]$/.test(name),
};

Deno.test("a new LoRA changes nothing, and merged weights answer as the updates beside them did", async () => {
  using devices = await openDevices();
  for (const device of devices.list) {
    const network = build(device, { ...TINY, ...STILL }, "lora:2");
    const rows = await entryRows(device, network);
    for (const { attention } of network.wav2vec2.encoder.layers) {
      const { b } = attention.qLora!;
      b.write(Float32Array.from({ length: b.size }, (_, i) => 0.1 * Math.sin(i)));
    }
    const samples = new SequenceRows(device, clips(), 1);
    const plain = build(device, { ...TINY, ...STILL });
    const merged = mergedTensors(network);
    assert.deepEqual([...merged.keys()].sort(), [...plain.state().keys()].sort());
    const without = await logitsOf(plain, samples);
    for (const [name, tensor] of plain.state()) {
      tensor.write(await merged.get(name)!.data() as Float32Array);
    }
    const answered = await logitsOf(network, rows);
    near(await logitsOf(plain, samples), answered, 1e-4, "merged");
    assert.ok(answered.some((x, i) => Math.abs(x - without[i]) > 1e-3), "the update does nothing");
    network.dispose();
    plain.dispose();
  }
});

Deno.test("a temperature goes into the last layer of what is exported, whichever head it is", async () => {
  using devices = await openDevices();
  const [device] = devices.list;
  const samples = new SequenceRows(device, clips(), 1);
  for (const head of ["projector", "paper", "dense"] as const) {
    const make = () => {
      const context = { device, random: Random.of(4, "network") };
      return buildNetwork(context, { config: { ...TINY, ...STILL }, head, classes: CLASSES });
    };
    const network = make();
    network.output.bias.write(Float32Array.of(0.5, -1, 2));
    const plain = make();
    const merged = mergedTensors(network, 2.5);
    for (const [name, tensor] of plain.state()) {
      tensor.write(await merged.get(name)!.data() as Float32Array);
    }
    const logits = await logitsOf(network, samples);
    near(await logitsOf(plain, samples), logits.map((x) => x / 2.5), 1e-6, head);
    network.dispose();
    plain.dispose();
  }
});

Deno.test("rates fall from layer to layer, and are whole for the head", async () => {
  using devices = await openDevices();
  const [device] = devices.list;
  const network = build(device, TINY_LARGE, "all");
  const factors = layerFactors(network, 0.5);
  assert.equal(factors["classifier.weight"], 1);
  assert.equal(factors["wav2vec2.encoder.layer_norm.weight"], 1);
  assert.equal(factors["wav2vec2.encoder.layers.2.attention.q_proj.weight"], 0.5);
  assert.equal(factors["wav2vec2.encoder.layers.0.layer_norm.bias"], 0.125);
  assert.equal(factors["wav2vec2.feature_projection.projection.weight"], 0.0625);
  network.dispose();
});

Deno.test("parts are known by their words, and more layers than there are is one line", async () => {
  assert.deepEqual(parsePart("last:12"), { kind: "last", layers: 12 });
  assert.deepEqual(parsePart("lora:8"), { kind: "lora", rank: 8 });
  for (const wrong of ["last", "last:0", "lora:", "body", "last:2x", ""]) {
    assert.equal(parsePart(wrong), undefined, wrong);
  }
  using devices = await openDevices();
  assert.throws(() => build(devices.list[0], TINY, "last:4"), (error) => {
    assert.ok(error instanceof UserError);
    assert.equal(error.message, "--train last:4: the encoder has 3 layers");
    return true;
  });
});

Deno.test("layers that are run again for the gradient give the same gradients, and keep less until then", async () => {
  using devices = await openDevices();
  for (const device of devices.list) {
    const labels = device.tensor(Int32Array.of(0, 1, 2));
    const rows = new SequenceRows(device, clips(), 1);
    const results: { held: number; gradients: Map<string, Float32Array> }[] = [];
    for (const again of [false, true]) {
      // Dropout is on: the second run must meet the masks of the first.
      const network = build(device, TINY_LARGE, "encoder");
      network.entry = "samples";
      network.wav2vec2.encoder.checkpointLayers = again;
      network.train();
      const live = device.liveTensors;
      let held = 0;
      const loss = device.scope(() => {
        const logits = network.forward(rows.at(Int32Array.of(0, 1, 2)));
        const loss = crossEntropy(logits, labels, {});
        held = device.liveTensors - live;
        backward(loss);
        return loss;
      });
      loss.dispose();
      const gradients = new Map<string, Float32Array>();
      for (const [name, { grad }] of network.parameters()) {
        if (grad) gradients.set(name, await grad.data() as Float32Array);
      }
      results.push({ held, gradients });
      network.dispose();
      assert.ok(device.liveTensors < live, "nothing stays behind");
    }
    const [plain, checkpointed] = results;
    assert.ok(checkpointed.held < plain.held / 2, `${checkpointed.held} of ${plain.held}`);
    assert.deepEqual([...checkpointed.gradients.keys()], [...plain.gradients.keys()]);
    for (const [name, gradient] of plain.gradients) {
      near(checkpointed.gradients.get(name)!, gradient, 1e-6, name);
    }
    labels.dispose();
  }
});
