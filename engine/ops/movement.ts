/** Ops that move or rename elements and compute nothing. */
import { resolveShape, type Shape } from "../shape.ts";
import { Tensor } from "../tensor.ts";

/**
 * The same elements under another shape; one dimension may be −1. Costs nothing: both tensors share
 * one storage. Throws where the sizes differ.
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const { device } = x;
  const out = new Tensor(
    device,
    x.storage.retain(),
    resolveShape("reshape", x.shape, shape),
    x.dtype,
  );
  if (device.tape.recording && x.needsGrad) {
    out.tracked = true;
    device.tape.push({
      op: "reshape",
      inputs: [x],
      wants: [true],
      outputIds: [out.id],
      backward: ([g]) => [reshape(g!, x.shape)],
      release() {},
    });
  }
  return out;
}
