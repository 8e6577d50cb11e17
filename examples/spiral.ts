/**
 * Three spirals wound into each other: which one does a point lie on? The data are made on the fly,
 * the network is trained by the engine's `Trainer`, and its map of the plane is printed as text.
 */
import * as T from "../engine/mod.ts";

const ARMS = 3;
const POINTS = 200; // an arm

class Network extends T.Module {
  readonly layers: T.Linear[];

  constructor(context: T.LayerContext) {
    super();
    this.layers = [[2, 32], [32, 32], [32, ARMS]].map(([i, o]) => new T.Linear(context, i, o));
  }

  /** [N, 2] → [N, 3] logits. */
  override forward(x: T.Tensor): T.Tensor {
    const [first, second, last] = this.layers;
    return last.forward(T.relu(second.forward(T.relu(first.forward(x)))));
  }
}

/** Points on the arms, a little beside them, arm by arm. */
async function spirals(device: T.Device, seed: number): Promise<T.LabelledData> {
  const n = ARMS * POINTS;
  using noise = T.normal(device, [n], T.Random.of(seed, "spiral"), { deviation: 0.12 });
  const off = await noise.data();
  const hostLabels = Int32Array.from({ length: n }, (_, i) => Math.floor(i / POINTS));
  const points = Array.from({ length: n }, (_, i) => {
    const radius = (i % POINTS + 1) / POINTS;
    const angle = 2 * Math.PI * (hostLabels[i] / ARMS + 0.7 * radius) + off[i];
    return Float32Array.of(radius * Math.cos(angle), radius * Math.sin(angle));
  });
  const inputs = new T.Rows(device, points, { rowShape: [2] });
  return { inputs, labels: device.tensor(hostLabels), hostLabels, n };
}

/** Trains; the accuracy on points that were not trained on. */
export async function run(print: (line: string) => void): Promise<number> {
  using device = await T.openDevice("cpu");
  const random = T.Random.of(3, "weights");
  const model = new Network({ device, random });
  const [train, validation, test] = await Promise.all([1, 2, 3].map((s) => spirals(device, s)));
  const recipe: T.Recipe = {
    epochs: 30,
    batch: 32,
    learningRate: 0.01,
    weightDecay: 0,
    clipNorm: 1,
    plateau: { factor: 0.5, patience: 3 },
    patience: 10,
    labelSmoothing: 0,
  };
  const trainer = new T.Trainer({ device, model, recipe, seed: 3, random, train, validation });
  await trainer.run({
    onEpoch({ epoch, trainLoss, validationAccuracy }) {
      if (epoch % 10 !== 0) return;
      const share = (100 * validationAccuracy!).toFixed(1);
      print(`epoch ${epoch}: loss ${trainLoss.toFixed(3)}, validation ${share} %`);
    },
  });
  trainer.useBest();
  trainer.dispose();
  const { accuracy } = await T.scoreModel(model, test, 256);
  print(await mapOf(model, device));
  print(`${(100 * accuracy).toFixed(1)} % of ${test.n} new points right`);
  return accuracy;
}

/** What the network says of each place in −1…1 × −1…1, a letter an arm. */
async function mapOf(model: Network, device: T.Device, rows = 17, columns = 34): Promise<string> {
  const places = Float32Array.from({ length: 2 * rows * columns }, (_, k) => {
    const i = k >> 1;
    return k % 2 === 0
      ? 2 * (i % columns) / (columns - 1) - 1
      : 1 - 2 * Math.floor(i / columns) / (rows - 1);
  });
  using answers = device.noGrad(() =>
    device.scope(() => T.argmax(model.forward(device.tensor(places, [rows * columns, 2]))))
  );
  const letters = Array.from(await answers.data(), (arm) => "·ox"[arm]).join("");
  return Array.from({ length: rows }, (_, r) => letters.slice(r * columns, (r + 1) * columns))
    .join("\n");
}

if (import.meta.main) await run(console.log);
