/** Logits too large for e^x, the loss from their log-sum-exp, and the gradient p − t. */
import { backward, crossEntropy, openDevice, softmax } from "../../engine/mod.ts";
import { fixed, row } from "./format.ts";

const CLASSES = ["calm", "happy", "angry"];

export async function run(print: (line: string) => void): Promise<void> {
  using device = await openDevice("cpu");
  const values = [1000, 1001, 998];
  const logits = device.tensor(values, [1, 3]);
  logits.requiresGrad = true;
  print(`e^1000 in f32 is ${Math.fround(Math.exp(1000))}; after subtracting the maximum:`);
  const top = Math.max(...values);
  const powers = values.map((z) => Math.exp(z - top));
  const total = powers.reduce((s, v) => s + v, 0);
  print(`         ${CLASSES.map((c) => c.padStart(8)).join("")}`);
  print(`e^(z−m)  ${row(powers, 4)}   sum ${fixed(total, 4)}`);
  print(`softmax  ${row(powers.map((v) => v / total), 4)}`);
  print(`engine   ${row(await softmax(logits).data(), 4)}`);

  const label = 2; // angry
  const labels = device.tensor(Int32Array.of(label));
  const loss = crossEntropy(logits, labels);
  const byHand = top + Math.log(total) - values[label];
  print(
    `loss of "${CLASSES[label]}": ${fixed(byHand, 4)} by hand, ${
      fixed(await loss.item(), 4)
    } the engine`,
  );
  backward(loss);
  print(`p − t    ${row(powers.map((v, i) => v / total - (i === label ? 1 : 0)), 4)}   by hand`);
  print(`gradient ${row(await logits.grad!.data(), 4)}   the engine`);
}
