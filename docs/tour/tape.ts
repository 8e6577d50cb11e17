/** What is recorded while a small network runs, in the order backward meets it, and what comes out. */
import { add, backward, matmul, mean, openDevice, square, sub, tanh } from "../../engine/mod.ts";
import { list } from "./format.ts";

export async function run(print: (line: string) => void): Promise<void> {
  using device = await openDevice("cpu");
  const x = device.tensor([1, 2, 3, 4], [2, 2]); // two points of two features
  const target = device.tensor([0, 1], [2, 1]);
  const w = device.tensor([0.1, -0.2], [2, 1]);
  const b = device.tensor([0.3], [1]);
  w.requiresGrad = b.requiresGrad = true;
  const loss = () => mean(square(sub(tanh(add(matmul(x, w), b)), target)));

  device.scope(loss);
  print(`${device.tape.length} ops on the tape; backward pops them from the end:`);
  for (let entry = device.tape.pop(); entry; entry = device.tape.pop()) {
    const wants = entry.wants.map((wanted) => wanted ? "wanted" : "not").join(", ");
    print(`  ${entry.op.padEnd(7)} gradients of its inputs: ${wants}`);
    entry.release();
  }

  device.scope(() => backward(loss()));
  // By hand: L = ½ Σ (y − t)², y = tanh(z), z = xw + b, so ∂L/∂zᵢ = (yᵢ − tᵢ)(1 − yᵢ²).
  const z = [1 * 0.1 + 2 * -0.2 + 0.3, 3 * 0.1 + 4 * -0.2 + 0.3];
  const dz = z.map((v, i) => (Math.tanh(v) - [0, 1][i]) * (1 - Math.tanh(v) ** 2));
  print(
    `∂L/∂w ${list(await w.grad!.data(), 4)}, by hand ${
      list([1 * dz[0] + 3 * dz[1], 2 * dz[0] + 4 * dz[1]], 4)
    }`,
  );
  print(`∂L/∂b ${list(await b.grad!.data(), 4)}, by hand ${list([dz[0] + dz[1]], 4)}`);
  print(`${device.tape.length} ops on the tape afterwards`);
}
