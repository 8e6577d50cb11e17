/**
 * XOR: two bits in, 1 where they differ. No straight line parts the two answers, so one linear layer
 * cannot do it; with a hidden layer of eight it is learned in 200 steps of gradient descent.
 */
import * as T from "../engine/mod.ts";

class Network extends T.Module {
  readonly hidden: T.Linear;
  readonly output: T.Linear;

  constructor(context: T.LayerContext) {
    super();
    this.hidden = new T.Linear(context, 2, 8);
    this.output = new T.Linear(context, 8, 2);
  }

  /** [N, 2] → [N, 2]: the logits of "same" and "different". */
  override forward(x: T.Tensor): T.Tensor {
    return this.output.forward(T.tanh(this.hidden.forward(x)));
  }
}

/** Trains on the four cases; the number of right answers. */
export async function run(print: (line: string) => void): Promise<number> {
  using device = await T.openDevice("cpu");
  const inputs = device.tensor([0, 0, 0, 1, 1, 0, 1, 1], [4, 2]);
  const labels = device.tensor(Int32Array.of(0, 1, 1, 0));
  const model = new Network({ device, random: T.Random.of(1, "weights") });
  const adam = new T.Adam(model.parameters(), { learningRate: 0.05 });

  for (let step = 1; step <= 200; step++) {
    // What a step makes is freed at the scope's end; the loss leaves it by being returned.
    using loss = device.scope(() => {
      const loss = T.crossEntropy(model.forward(inputs), labels);
      T.backward(loss);
      adam.step();
      adam.zeroGrad();
      return loss;
    });
    if (step % 50 === 0) print(`step ${step}: loss ${(await loss.item()).toFixed(4)}`);
  }

  using probabilities = device.noGrad(() => device.scope(() => T.softmax(model.forward(inputs))));
  const p = await probabilities.data();
  const truth = await labels.data();
  let right = 0;
  for (let i = 0; i < 4; i++) {
    if ((p[2 * i + 1] > 0.5 ? 1 : 0) === truth[i]) right++;
    print(`${i >> 1} xor ${i & 1}: ${p[2 * i + 1].toFixed(3)}`);
  }
  print(`${right} of 4 right`);
  return right;
}

if (import.meta.main) await run(console.log);
