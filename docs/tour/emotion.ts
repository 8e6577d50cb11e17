/** A synthetic voice on its way to a decision, and a linear layer that tells anger from sadness. */
import { type Cnn4, cnn4 } from "../../models/cnn4.ts";
import { synthesize } from "../../features/corpus/voice/synthesize.ts";
import { FeatureEngine } from "../../features/feature_engine.ts";
import { frameCount, SAMPLE_RATE } from "../../features/stft.ts";
import * as T from "../../engine/mod.ts";

const SAD = 3, ANGRY = 4; // places in RAVDESS's list of emotions
const CLIPS = 2; // of a speaker and an emotion

const voice = (actor: number, emotion: number, repetition: number) =>
  Float32Array.from(synthesize({ actor, emotion, intensity: 2, statement: 1, repetition }, 1));

export async function run(print: (line: string) => void): Promise<void> {
  using features = await FeatureEngine.open();
  const imageOf = (samples: Float32Array<ArrayBuffer>) =>
    features.compute("mel-image", { samples, sampleRate: SAMPLE_RATE });
  const samples = voice(1, ANGRY, 1);
  print(`waveform    ${samples.length} samples at ${SAMPLE_RATE} Hz`);
  print(`spectrum    ${frameCount(samples.length)} frames × 1025 bins`);
  const image = await imageOf(samples);
  print(`mel image   128 bands × 128 columns, 0 to ${Math.min(...image)} dB`);

  using device = await T.openDevice("cpu");
  const context = { device, random: T.Random.of(1, "weights") };
  const network = cnn4.build(context, { classes: 8, inputShape: [128, 128] }) as Cnn4;
  device.scope(() =>
    device.noGrad(() => {
      let x = device.tensor(image, [1, 1, 128, 128]);
      for (const block of network.blocks) {
        x = block.forward(x);
        print(`block       ${x.shape.slice(1).join(" × ")}`);
      }
    })
  );
  print(`CNN-4       8 logits, ${network.parameterCount()} weights`);

  // A clip's mean level in each band, sad and angry in turn, a row a clip; no speaker on both sides.
  const collect = async (speakers: readonly number[]) => {
    const rows: number[] = [], labels: number[] = [];
    for (const actor of speakers) {
      for (let i = 0; i < 2 * CLIPS; i++) {
        const bands = await imageOf(voice(actor, i % 2 === 0 ? SAD : ANGRY, 1 + (i >> 1)));
        for (let b = 0; b < 128; b++) {
          rows.push(bands.subarray(128 * b, 128 * b + 128).reduce((s, v) => s + v) / 128 / 40 + 1);
        }
        labels.push(i % 2);
      }
    }
    const x = device.tensor(rows, [labels.length, 128]);
    return { x, labels: device.tensor(Int32Array.from(labels)) };
  };
  const [train, test] = [await collect([1, 2, 3, 4, 5, 6]), await collect([7, 8, 9])];
  const layer = new T.Linear(context, 128, 2);
  const adam = new T.Adam(layer.parameters(), { learningRate: 0.01 });
  for (let step = 0; step < 100; step++) {
    device.scope(() => T.backward(T.crossEntropy(layer.forward(train.x), train.labels)));
    adam.step();
    adam.zeroGrad();
  }
  using hits = device.noGrad(() => T.countCorrect(layer.forward(test.x), test.labels));
  print(`sad or angry, new speakers: ${await hits.item()} of ${test.labels.size} right`);
}
