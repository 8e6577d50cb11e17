import assert from "node:assert/strict";
import { listDevices, openDevice, UserError } from "../../engine/mod.ts";
import { adapterName } from "../../engine/webgpu/adapter.ts";
import { chosenAdapter, firstAdapter } from "./devices.ts";

Deno.test("cpu opens the CPU backend with the threads asked for", async () => {
  using device = await openDevice("cpu", { threads: 2 });
  assert.deepEqual([device.kind, device.name], ["cpu", "CPU, 2 threads"]);
});

Deno.test("auto opens what the list of devices says it takes", async () => {
  const { adapters, auto } = await listDevices();
  using device = await openDevice("auto");
  assert.equal(device.kind, auto.adapter === null ? "cpu" : "webgpu");
  if (auto.adapter !== null) assert.equal(device.name, adapters[auto.adapter].name);
});

Deno.test({
  name: "an adapter opens by part of its name",
  ignore: await firstAdapter() === undefined,
  async fn() {
    const { adapters: [{ name }] } = await listDevices();
    using device = await openDevice(`gpu:${name.slice(1, 6).toUpperCase()}`);
    assert.deepEqual([device.kind, device.name], ["webgpu", name]);
    assert.deepEqual([...await device.tensor([1, 2]).data()], [1, 2]);
  },
});

Deno.test("tests run on the adapter that TIMBRE_GPU names, or not at all", async () => {
  const { adapters } = await listDevices();
  for (const { name } of adapters) {
    assert.equal(adapterName((await chosenAdapter(`gpu:${name}`))!), name);
  }
  assert.equal(await chosenAdapter("cpu"), undefined);
  await assert.rejects(chosenAdapter("gpu:no such chip"), /no such adapter/);
});

Deno.test("a device nobody has is a person's mistake, told in one line", async () => {
  for (const choice of ["gpu:no such chip", "quantum"]) {
    await assert.rejects(
      openDevice(choice),
      (e) => e instanceof UserError && !e.message.includes("\n"),
    );
  }
});
