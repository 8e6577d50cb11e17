/** Launches are recorded, submitted together, and waited for only by a read. Needs any WebGPU adapter. */
import { add, listDevices, mul, normal, openDevice, Random, UserError } from "../../engine/mod.ts";
import { fixed } from "./format.ts";

export async function run(print: (line: string) => void): Promise<void> {
  const { adapters } = await listDevices();
  if (adapters.length === 0) {
    throw new UserError("tour webgpu: this chapter needs a WebGPU adapter, and there is none here");
  }
  using device = await openDevice(`gpu:${adapters[0].name}`); // a software one will do
  const { backend } = device;
  backend.observer = {
    opBegan: (op, inputs) => print(`op ${op} of ${inputs.length} tensors`),
    launched(launch) {
      if ("shader" in launch) print(`  dispatch ${launch.shader}, ${launch.grid.join("×")} groups`);
    },
    opEnded() {},
  };
  const show = (when: string) => {
    const { launches, submits } = backend.stats();
    print(`${when}: ${launches} dispatches, ${submits} submits`);
  };

  const x = normal(device, [256, 64], Random.of(1, "stream"));
  const y = add(mul(x, x), 1);
  show("recorded"); // and none of it has run

  backend.flush();
  show("flushed"); // the GPU works; this program does not wait

  const values = await y.data();
  show("read"); // a copy was submitted and waited for

  let total = 0;
  for (const v of values) total += v;
  print(`mean of x² + 1 over ${values.length} normal x: ${fixed(total / values.length, 1)}`);
}
