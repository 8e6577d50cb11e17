/** Tensors made from nothing but a shape. */
import { f32, linearGrid } from "../backend.ts";
import type { Device } from "../device.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Tensor of one value, written on the device: no upload, no submit. */
export function full(device: Device, shape: Shape, value: number): Tensor {
  const t = device.empty(shape);
  fill(t, value);
  return t;
}

/** Tensor of zeros. */
export function zeros(device: Device, shape: Shape): Tensor {
  return full(device, shape, 0);
}

/** Overwrites every element of an f32 tensor with one value. */
export function fill(t: Tensor, value: number): void {
  if (t.dtype !== "f32") throw new Error(`fill: needs f32, got ${t.dtype}`);
  const { backend } = t.device;
  const buffers = [t.storage.memory];
  if (backend.kind === "cpu") {
    backend.run({ kernel: "fill", buffers, params: [f32(value)], items: t.size });
  } else {
    const grid = linearGrid(t.size);
    backend.run({ shader: "fill", buffers, params: [t.size, f32(value)], grid });
  }
}
