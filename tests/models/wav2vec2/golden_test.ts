/**
 * Wav2Vec2 against transformers, from the very checkpoints that transformers wrote (goldens/wav2vec2.py):
 * hidden states and logits within 1e-4, gradients of every parameter within 1e-3 of their largest, the
 * losses of ten AdamW steps within 1e-4, on every backend.
 */
import assert from "node:assert/strict";
import { backward, type Device, type Tensor } from "../../../engine/mod.ts";
import { crossEntropy } from "../../../engine/ops/loss.ts";
import { slice } from "../../../engine/ops/movement.ts";
import { AdamW } from "../../../engine/optim/adamw.ts";
import { Random } from "../../../engine/random.ts";
import { openCheckpoint } from "../../../models/wav2vec2/checkpoint.ts";
import { headOf, loadNetwork } from "../../../models/wav2vec2/load.ts";
import { waveformRows } from "../../../models/wav2vec2/waveforms.ts";
import { openDevices } from "../../engine/devices.ts";
import { fileURLToPath } from "node:url";
import group from "../../goldens/wav2vec2/group.json" with { type: "json" };
import layer from "../../goldens/wav2vec2/layer.json" with { type: "json" };
import mixture from "../../goldens/wav2vec2/mixture.json" with { type: "json" };

const folder = (name: string) =>
  fileURLToPath(new URL(`../../goldens/wav2vec2/${name}`, import.meta.url));

interface Sample {
  readonly shape: number[];
  readonly largest: number;
  readonly at: number[];
  readonly values: number[];
}

interface Golden {
  readonly lengths: number[];
  readonly alone: { hidden: Sample[]; logits: number[] }[];
  readonly batch?: { frames: number[]; logits: number[][]; hidden: Sample[][] };
  readonly training: { losses: number[]; gradients: Record<string, Sample> };
}

const CASES: Readonly<Record<string, Golden>> = { group, layer, mixture };

async function clips({ lengths }: Golden): Promise<Float32Array[]> {
  const bytes = await Deno.readFile(folder("clips.bin"));
  const all = new Float32Array(bytes.buffer);
  let at = 0;
  return lengths.map((n) => all.slice(at, at += n));
}

async function near(t: Tensor, golden: Sample, within: number, what: string): Promise<void> {
  assert.deepEqual([...t.shape], golden.shape, what);
  const data = await t.data();
  const scale = Math.max(1e-3, golden.largest);
  golden.at.forEach((at, i) => {
    const off = Math.abs(data[at] - golden.values[i]) / scale;
    assert.ok(off <= within, `${what} at ${at}: ${data[at]}, expected ${golden.values[i]}`);
  });
}

async function open(device: Device, name: string) {
  const checkpoint = await openCheckpoint(folder(name));
  const context = { device, random: Random.of(1, "weights") };
  const labels = checkpoint.config.labels!;
  const head = headOf(checkpoint);
  const loaded = await loadNetwork(context, checkpoint, { head, labels });
  checkpoint.weights.close();
  return { ...loaded, preprocessor: checkpoint.preprocessor };
}

/** Hidden states on the way through the backbone, kept, and the logits. */
function look(device: Device, run: () => { hidden: Tensor[]; logits: Tensor }) {
  return device.noGrad(() => device.scope(run));
}

for (const [name, golden] of Object.entries(CASES)) {
  Deno.test(`a ${name} checkpoint gives transformers' hidden states, logits, gradients and steps`, async (t) => {
    using devices = await openDevices();
    for (const device of devices.list) {
      await t.step(device.kind, async (t) => {
        const { network, match, preprocessor } = await open(device, name);
        network.train(false);
        assert.equal(match.head, "loaded");
        assert.deepEqual(match.leftOver, []);
        const rows = await clips(golden);
        const source = waveformRows(device, rows, { ...preprocessor, least: 1 });
        const states = (which: number[]) =>
          look(device, () => {
            const hidden: Tensor[] = [];
            const x = source.at(Int32Array.from(which));
            network.wav2vec2.run(x, { onHidden: (h) => hidden.push(h) });
            return { hidden, logits: network.forward(x) };
          });

        await t.step("each clip alone", async () => {
          for (const [i, expected] of golden.alone.entries()) {
            const { hidden, logits } = states([i]);
            assert.equal(hidden.length, expected.hidden.length);
            for (const [k, h] of hidden.entries()) {
              await near(h, expected.hidden[k], 1e-4, `clip ${i}, hidden state ${k}`);
            }
            const found = [...await logits.data()];
            assert.ok(largestGap(found, expected.logits) < 1e-4, `logits ${found}`);
            for (const tensor of [...hidden, logits]) tensor.dispose();
          }
        });

        await t.step("all clips in one padded batch, as with a mask", async () => {
          const { hidden, logits } = states(rows.map((_, i) => i));
          const found = [...await logits.data()];
          const wanted = golden.batch?.logits ?? golden.alone.map((one) => one.logits);
          assert.ok(largestGap(found, wanted.flat()) < 1e-4, `logits ${found}`);
          for (const [b, n] of (golden.batch?.frames ?? []).entries()) {
            for (const [k, h] of hidden.entries()) {
              const own = slice(h, [{ begin: b, end: b + 1 }, { end: n }]);
              const flat = { ...golden.batch!.hidden[b][k] };
              await near(own, { ...flat, shape: [1, ...flat.shape] }, 1e-4, `${b}, state ${k}`);
              own.dispose();
            }
          }
          for (const tensor of [...hidden, logits]) tensor.dispose();
        });

        await t.step("ten steps of fine-tuning", async () => {
          const least = Math.min(...golden.lengths);
          const equal = golden.batch ? rows : rows.map((row) => row.subarray(0, least));
          const source = waveformRows(device, equal, { ...preprocessor, least: 1 });
          const labels = device.tensor(Int32Array.of(2, 0, 1));
          network.train();
          const parameters = network.parameters();
          using adam = new AdamW(parameters, { learningRate: 1e-3, weightDecay: 0.01 });
          const live = device.liveTensors;
          for (const [step, expected] of golden.training.losses.entries()) {
            const loss = device.scope(() => {
              const logits = network.forward(source.at(Int32Array.of(0, 1, 2)));
              const loss = crossEntropy(logits, labels, { labelSmoothing: 0.1 });
              backward(loss);
              return loss;
            });
            if (step === 0) {
              const { gradients } = golden.training;
              assert.deepEqual(
                [...parameters].filter(([, p]) => p.grad).map(([n]) => n).sort(),
                Object.keys(gradients).sort(),
              );
              for (const [n, sample] of Object.entries(gradients)) {
                await near(parameters.get(n)!.grad!, sample, 1e-3, `gradient of ${n}`);
              }
            }
            adam.step();
            adam.zeroGrad();
            const value = await loss.item();
            loss.dispose();
            assert.ok(Math.abs(value - expected) < 1e-4, `step ${step}: ${value}, not ${expected}`);
          }
          assert.equal(device.liveTensors, live);
          labels.dispose();
        });
        network.dispose();
      });
    }
  });
}

function largestGap(found: readonly number[], wanted: readonly number[]): number {
  assert.equal(found.length, wanted.length);
  return found.reduce((gap, x, i) => Math.max(gap, Math.abs(x - wanted[i])), 0);
}
