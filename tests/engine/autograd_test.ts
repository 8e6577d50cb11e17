/** The tape and `backward`: what flows where, and that nothing stays behind. Ops have tests of their own. */
import assert from "node:assert/strict";
import { checkpoint } from "../../engine/autograd.ts";
import { openCpu } from "../../engine/cpu/backend.ts";
import {
  add,
  backward,
  Device,
  exp,
  greater,
  mul,
  reshape,
  sub,
  sum,
  type Tensor,
} from "../../engine/mod.ts";

async function open(): Promise<Device> {
  return new Device(await openCpu({ threads: 1 }));
}

function leaf(device: Device, values: number[], shape?: number[]): Tensor {
  const t = device.tensor(values, shape);
  t.requiresGrad = true;
  return t;
}

async function gradOf(t: Tensor): Promise<number[]> {
  assert.ok(t.grad, "no gradient arrived");
  assert.deepEqual(t.grad.shape, t.shape);
  return [...await t.grad.data()];
}

Deno.test("a diamond adds what comes along both ways", async () => {
  using device = await open();
  const x = leaf(device, [3]);
  device.scope(() => {
    const a = mul(x, 2);
    backward(sum(mul(add(a, 1), sub(a, 1)))); // a² − 1
  });
  assert.deepEqual(await gradOf(x), [24]);
});

Deno.test("one tensor used as both operands counts twice", async () => {
  using device = await open();
  const x = leaf(device, [1, -2, 3]);
  device.scope(() => backward(sum(add(mul(x, x), x))));
  assert.deepEqual(await gradOf(x), [3, -3, 7]);
});

Deno.test("diamonds in a row double each time, in linear work", async () => {
  using device = await open();
  const x = leaf(device, [1]);
  const launches = device.scope(() => {
    let y: Tensor = x;
    for (let i = 0; i < 20; i++) y = add(y, y);
    const before = device.backend.stats().launches;
    backward(sum(y));
    return device.backend.stats().launches - before;
  });
  assert.deepEqual(await gradOf(x), [2 ** 20]);
  assert.ok(launches < 20 * 4, `${launches} launches`);
});

Deno.test("gradients add up over several backward passes until they are cleared", async () => {
  using device = await open();
  const x = leaf(device, [2]);
  for (let i = 0; i < 3; i++) device.scope(() => backward(sum(mul(x, 5))));
  assert.deepEqual(await gradOf(x), [15]);
  x.grad!.dispose();
  x.grad = null;
  device.scope(() => backward(sum(mul(x, 5))));
  assert.deepEqual(await gradOf(x), [5]);
});

Deno.test("a gradient handed to two leaves is each one's own", async () => {
  using device = await open();
  const a = leaf(device, [1, 2]);
  const b = leaf(device, [3, 4]);
  device.scope(() => backward(sum(add(a, b))));
  a.grad!.write(new Float32Array([9, 9]));
  a.grad!.dispose();
  a.grad = null;
  assert.equal((await gradOf(b)).length, 2);
});

Deno.test("broadcast operands get gradients of their own shape", async () => {
  using device = await open();
  const row = leaf(device, [1, 2, 3]);
  const column = leaf(device, [10, 20], [2, 1]);
  const scalar = leaf(device, [2], []);
  device.scope(() => backward(sum(mul(mul(row, column), scalar))));
  assert.deepEqual(await gradOf(row), [60, 60, 60]);
  assert.deepEqual(await gradOf(column), [12, 12]);
  assert.deepEqual(await gradOf(scalar), [180]);
});

Deno.test("a seed weighs the outputs of a loss that is no scalar", async () => {
  using device = await open();
  const x = leaf(device, [1, 2, 3]);
  device.scope(() => backward(mul(x, x), device.tensor([1, 0, -1])));
  assert.deepEqual(await gradOf(x), [2, 0, -6]);
});

Deno.test("a seed of another shape, a loss of several elements, a loss of nothing are errors", async () => {
  using device = await open();
  const x = leaf(device, [1, 2, 3]);
  device.scope(() => {
    assert.throws(() => backward(mul(x, 2)), /must have one element, got 3/);
    assert.throws(
      () => backward(mul(x, 2), device.tensor([1])),
      /shapes of seed and loss differ \(1 and 3\)/,
    );
    assert.throws(() => backward(sum(device.tensor([1]))), /depends on no tensor that requires/);
    device.tape.clear();
  });
  assert.equal(x.grad, null);
});

Deno.test("backward twice over one forward is an error, and adds no gradient", async () => {
  using device = await open();
  const x = leaf(device, [2]);
  device.scope(() => {
    const loss = sum(mul(x, x));
    backward(loss);
    assert.equal(device.tape.length, 0);
    assert.throws(() => backward(loss), /nothing recorded leads to the loss/);
  });
  assert.deepEqual(await gradOf(x), [4]);
});

Deno.test("noGrad records nothing and saves nothing", async () => {
  using device = await open();
  const x = leaf(device, [2]);
  device.scope(() => {
    const y = device.noGrad(() => exp(x));
    assert.equal(device.tape.length, 0);
    assert.equal(y.tracked, false);
    assert.throws(() =>
      device.noGrad(() => {
        throw new Error("inside");
      })
    );
    mul(x, 2);
    assert.equal(device.tape.length, 1, "recording did not go on after a throw");
    device.tape.clear();
  });
});

Deno.test("ops on tensors that want no gradient are not recorded", async () => {
  using device = await open();
  device.scope(() => sum(exp(device.tensor([1, 2]))));
  assert.equal(device.tape.length, 0);
});

Deno.test("an op without gradient ends the flow", async () => {
  using device = await open();
  const x = leaf(device, [1, -1]);
  device.scope(() => backward(sum(mul(greater(x, 0), x))));
  assert.deepEqual(await gradOf(x), [1, 0]);
});

Deno.test("a branch the loss does not use gets no gradient and leaves nothing behind", async () => {
  using device = await open();
  const x = leaf(device, [1]);
  const y = leaf(device, [1]);
  device.scope(() => {
    exp(mul(y, 3));
    backward(sum(exp(x)));
  });
  assert.equal(y.grad, null);
  assert.equal(device.liveTensors, 3);
});

Deno.test("a step leaves tensors and bytes as they were, whatever was reshaped and reused", async () => {
  using device = await open();
  const w = leaf(device, [1, 2, 3, 4], [2, 2]);
  const step = () =>
    device.scope(() => {
      const y = exp(mul(reshape(w, [4]), 0.1));
      backward(sum(mul(reshape(y, [2, 2]), w)));
      w.grad!.dispose();
      w.grad = null;
    });
  step();
  const tensors = device.liveTensors;
  const { liveBytes, liveMemories } = device.backend.stats();
  for (let i = 0; i < 10; i++) step();
  const after = device.backend.stats();
  assert.equal(device.liveTensors, tensors);
  assert.deepEqual([after.liveBytes, after.liveMemories], [liveBytes, liveMemories]);
  assert.equal(device.tape.length, 0);
});

Deno.test("a throw on the way forward leaves no gradient for a later backward to find", async () => {
  using device = await open();
  const x = leaf(device, [1, 2]);
  assert.throws(() =>
    device.scope(() => {
      exp(x);
      add(x, device.tensor([1, 2, 3]));
    })
  );
  device.scope(() => backward(sum(mul(x, 3))));
  assert.deepEqual(await gradOf(x), [3, 3]);
  assert.equal(device.tape.length, 0);
  assert.equal(device.liveTensors, 2);
});

Deno.test("a checkpoint holds what it is given until its gradient has run again, and no longer", async () => {
  using device = await open();
  const x = leaf(device, [3, 5]);
  const live = device.liveTensors;
  device.scope(() => {
    const loss = device.scope(() => {
      const factor = device.tensor([2, 4]); // gone before the gradient is asked for
      return sum(checkpoint((x, factor) => mul(mul(x, x), factor), x, { given: [factor] }));
    });
    backward(loss);
  });
  assert.deepEqual(await gradOf(x), [12, 40]);
  x.grad!.dispose();
  x.grad = null;
  assert.equal(device.liveTensors, live);
  assert.throws(
    () => device.scope(() => checkpoint((x, y) => mul(x, y), x, { given: [leaf(device, [1, 2])] })),
    /checkpoint: what is given beside x gets no gradient, and one is wanted/,
  );
});
