/** Losses, softmax, norms and reductions against PyTorch's own values and gradients (goldens/ops.py). */
import * as T from "../../../engine/mod.ts";
import golden from "../../goldens/ops.json" with { type: "json" };
import { openDevices } from "../devices.ts";
import { assertClose } from "./harness.ts";

interface Golden {
  readonly op: string;
  readonly shape: number[];
  readonly x: number[];
  readonly y: number[];
  readonly w: number[];
  readonly dx: number[];
  readonly axis?: number;
  readonly labels?: number[];
  readonly smoothing?: number;
  readonly correction?: number;
  readonly gamma?: number[];
  readonly beta?: number[];
}

function run(c: Golden, x: T.Tensor): T.Tensor {
  const { device } = x;
  switch (c.op) {
    case "crossEntropy":
      return T.crossEntropy(x, device.tensor(Int32Array.from(c.labels!)), {
        labelSmoothing: c.smoothing!,
      });
    case "softmax":
      return T.softmax(x, c.axis);
    case "logSoftmax":
      return T.logSoftmax(x, c.axis);
    case "max":
      return T.max(x, { axes: c.axis });
    case "variance":
      return T.variance(x, { axes: c.axis, correction: c.correction });
    case "layerNorm":
      return T.layerNorm(x, device.tensor(c.gamma!), device.tensor(c.beta!));
    case "mse":
      return T.mse(x, T.full(device, c.shape, 0.25));
    default:
      throw new Error(`no op ${c.op}`);
  }
}

Deno.test("losses, softmax, norms and reductions are PyTorch's", async (t) => {
  using devices = await openDevices();
  for (const device of devices.list) {
    for (const [i, c] of (golden as Golden[]).entries()) {
      await t.step(`${c.op} ${i} on ${device.name}`, async () => {
        const x = device.tensor(c.x, c.shape);
        x.requiresGrad = true;
        const y = device.scope(() => {
          const y = run(c, x);
          T.backward(y, device.tensor(c.w, y.shape));
          return y;
        });
        assertClose("value", await y.data(), c.y, 1e-5);
        assertClose("gradient", await x.grad!.data(), c.dx, 1e-4);
        y.dispose();
        x.dispose();
      });
    }
  }
});
