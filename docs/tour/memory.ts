/** How many tensors and memories live before, inside and after a scope, and what the tape holds on to. */
import { add, backward, exp, mean, mul, openDevice, reshape } from "../../engine/mod.ts";

export async function run(print: (line: string) => void): Promise<void> {
  using device = await openDevice("cpu");
  const own = device.backend.stats().liveMemories; // what the backend keeps for itself
  const show = (when: string) => {
    const memories = device.backend.stats().liveMemories - own;
    print(`${when.padEnd(36)} ${device.liveTensors} tensors, ${memories} memories`);
  };
  const x = device.tensor(new Float32Array(1000));
  show("x");

  const y = device.scope(() => {
    const doubled = mul(x, 2); // the number 2 becomes a tensor, too
    const wide = reshape(doubled, [10, 100]); // a second name, no memory of its own
    const y = exp(add(wide, 1));
    show("inside the scope");
    return y; // moves out
  });
  show("after it: x and y");
  y.dispose();

  x.requiresGrad = true;
  const loss = device.scope(() => mean(exp(mul(x, 2))));
  show("after a forward pass: x, loss, saved");
  device.scope(() => backward(loss));
  show("after backward: x, loss, x.grad");
  loss.dispose();
  x.grad!.dispose();
  x.grad = null;

  try {
    device.scope(() => add(mul(x, 2), device.tensor([1, 2, 3])));
  } catch (error) {
    print((error as Error).message);
  }
  show("after that mistake: x, saved");
  device.tape.clear();
  show("with the tape cleared: x");
}
