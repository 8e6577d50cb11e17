/** Who owns a tensor, and when it goes. On the CPU backend; scopes know nothing of backends. */
import assert from "node:assert/strict";
import { openCpu } from "../../engine/cpu/backend.ts";
import { add, Device, mul, reshape, type Tensor } from "../../engine/mod.ts";

async function open(): Promise<Device> {
  return new Device(await openCpu({ threads: 1 }));
}

Deno.test("a scope frees what was made in it, and hands out what it returns", async () => {
  using device = await open();
  const x = device.tensor([1, 2, 3]);
  const before = device.liveTensors;
  const y = device.scope(() => mul(add(x, 1), add(x, 2)));
  assert.equal(device.liveTensors, before + 1);
  assert.deepEqual([...await y.data()], [6, 12, 20]);
});

Deno.test("tensors returned in arrays and objects live on", async () => {
  using device = await open();
  const { list, named } = device.scope(() => {
    const a = device.tensor([1]);
    return { list: [a, device.tensor([2])], named: { deep: device.tensor([3]) } };
  });
  const values = await Promise.all([...list, named.deep].map((t) => t.item()));
  assert.deepEqual(values, [1, 2, 3]);
  assert.equal(device.liveTensors, 3);
});

Deno.test("a throw frees everything made in the scope and passes on", async () => {
  using device = await open();
  const live = device.backend.stats().liveBytes;
  assert.throws(() =>
    device.scope(() => {
      device.keep(device.tensor([1])).dispose();
      add(device.tensor([1, 2]), 3);
      throw new RangeError("mine");
    }), RangeError);
  assert.equal(device.liveTensors, 0);
  assert.equal(device.backend.stats().liveBytes, live);
});

Deno.test("after a throw the scope outside goes on as if nothing had been", async () => {
  using device = await open();
  const y = device.scope(() => {
    const a = device.tensor([2]);
    assert.throws(() =>
      device.scope(() => {
        throw new Error("inner");
      })
    );
    return mul(a, a);
  });
  assert.equal(await y.item(), 4);
  assert.equal(device.liveTensors, 1);
});

Deno.test("a promise is refused, and what was made before it is freed", async () => {
  using device = await open();
  assert.throws(
    () => device.scope(() => Promise.resolve(device.tensor([1]))),
    /the body returned a promise/,
  );
  assert.equal(device.liveTensors, 0);
});

Deno.test("keep takes a tensor out of all scopes around it", async () => {
  using device = await open();
  let kept: Tensor | undefined;
  device.scope(() => {
    device.scope(() => {
      kept = device.keep(device.tensor([7]));
    });
  });
  assert.equal(await kept!.item(), 7);
  kept!.dispose();
  assert.equal(device.liveTensors, 0);
});

Deno.test("returned from an inner scope, a tensor belongs to the outer one", async () => {
  using device = await open();
  device.scope(() => {
    const inner = device.scope(() => device.tensor([1]));
    assert.equal(inner.disposed, false);
  });
  assert.equal(device.liveTensors, 0);
});

Deno.test("a tensor of an outer scope survives being returned from an inner one", async () => {
  using device = await open();
  const x = device.tensor([5]);
  device.scope(() => device.scope(() => x));
  assert.equal(await x.item(), 5);
});

Deno.test("tensors that share a storage free it once, with the last of them", async () => {
  using device = await open();
  const live = device.backend.stats().liveMemories;
  const x = device.tensor([1, 2, 3, 4]);
  const y = reshape(x, [2, 2]);
  assert.equal(device.backend.stats().liveMemories, live + 1);
  x.dispose();
  assert.deepEqual([...await y.data()], [1, 2, 3, 4]);
  y.dispose();
  y.dispose();
  assert.equal(device.backend.stats().liveMemories, live);
});

Deno.test("a tensor used after its scope says so with its shape", async () => {
  using device = await open();
  let escaped: Tensor | undefined;
  device.scope(() => {
    escaped = device.tensor(new Float32Array(6), [2, 3]);
  });
  assert.throws(() => add(escaped!, 1), /tensor 2×3: used after its scope ended/);
  await assert.rejects(escaped!.data(), /used after its scope ended/);
});

Deno.test("an op that throws leaves nothing alive", async () => {
  using device = await open();
  const a = device.tensor([1, 2]);
  const b = device.tensor([1, 2, 3]);
  const { liveBytes } = device.backend.stats();
  assert.throws(() => add(a, b), /shapes do not broadcast \(2 and 3\)/);
  assert.equal(device.liveTensors, 2);
  assert.equal(device.backend.stats().liveBytes, liveBytes);
});
