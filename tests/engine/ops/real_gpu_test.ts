/** The kernels kept for real GPUs, run on whatever adapter there is: right there, if slow. */
import { openAsRealGpu } from "../devices.ts";
import { checkCase } from "./check.ts";
import { loadFamilies } from "./families.ts";

for (const [family, cases] of await loadFamilies()) {
  Deno.test(`${family}: kernels for real GPUs`, async (t) => {
    using device = await openAsRealGpu();
    if (!device) return;
    for (const c of cases) await t.step(c.name, () => checkCase(c, [device]));
  });
}
