// What the batch norm kernels share: a channel's scale and its sign.
import { at } from "./abi";

/** gamma / √(variance + eps) of channel c, computed in f64. */
// @inline
export function channelScale(gamma: usize, variance: usize, c: i32, eps: f32): f32 {
  return <f32> (<f64> load<f32>(at(gamma, c)) / Math.sqrt(<f64> load<f32>(at(variance, c)) + eps));
}

/** −1, 0 or 1. */
// @inline
export function signOf(scale: f32): f32 {
  return scale > 0 ? 1 : scale < 0 ? -1 : 0;
}
