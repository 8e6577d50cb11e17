/** The kernels kept for real GPUs, run on whatever adapter there is: right there, if slow. */
import { openAsRealGpu } from "../devices.ts";
import { checkCase } from "./check.ts";
import { cases as batchNorm } from "./batch_norm_cases.ts";
import { cases as fft } from "./fft_cases.ts";

const families = { batchNorm, fft };

for (const [family, cases] of Object.entries(families)) {
  Deno.test(`${family}: kernels for real GPUs`, async (t) => {
    using device = await openAsRealGpu();
    if (!device) return;
    for (const c of cases) await t.step(c.name, () => checkCase(c, [device]));
  });
}
