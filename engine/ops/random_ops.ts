/**
 * Random tensors, made on the device. Element i of a draw takes word i mod 2 of block ⌊i/2⌋ after the
 * stream's counter, on every backend and in `random.ts` alike.
 */
import { f32, linearGrid, type Param } from "../backend.ts";
import type { Device } from "../device.ts";
import { type Random, wordsOf } from "../random.ts";
import { type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Elements a chunk of the CPU kernels: a multiple of the eight they make at once. */
export const RANDOM_GRAIN = 8192;

/** Key and counter as kernels read them. */
export function streamParams(key: readonly number[], counter: number): Param[] {
  return [...key, ...wordsOf(counter)];
}

function draw(kernel: "randomUniform" | "randomNormal", at: {
  readonly device: Device;
  readonly shape: Shape;
  readonly random: Random;
  readonly offset: number;
  readonly scale: number;
}): Tensor {
  const { device: { backend }, random, offset, scale } = at;
  const n = sizeOf(at.shape);
  const blocks = Math.ceil(n / 2);
  const counter = random.take(blocks);
  const out = at.device.empty(at.shape);
  const buffers = [out.storage.memory];
  const params = [...streamParams(random.key, counter), f32(offset), f32(scale)];
  if (n === 0) return out;
  if (backend.kind === "cpu") {
    backend.run({ kernel, buffers, params, items: n, grain: RANDOM_GRAIN });
  } else {
    const constants = { OP: kernel === "randomUniform" ? 0 : 1 };
    const grid = linearGrid(blocks);
    backend.run({ shader: "random", constants, buffers, params: [n, ...params], grid });
  }
  return out;
}

/**
 * Uniform numbers in [low, high), default [0, 1): 24 bits each, the same on every backend to the
 * bit for [0, 1).
 */
export function uniform(
  device: Device,
  shape: Shape,
  random: Random,
  { low = 0, high = 1 }: { readonly low?: number; readonly high?: number } = {},
): Tensor {
  return draw("randomUniform", { device, shape, random, offset: low, scale: high - low });
}

/** Normal numbers, standard by default (Box and Muller); backends agree to within 1e-5. */
export function normal(
  device: Device,
  shape: Shape,
  random: Random,
  { mean = 0, deviation = 1 }: { readonly mean?: number; readonly deviation?: number } = {},
): Tensor {
  return draw("randomNormal", { device, shape, random, offset: mean, scale: deviation });
}
