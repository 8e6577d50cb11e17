// Moving elements: fill and strided copy.
import { at, float, ptr } from "./abi";

/** fill: out; value. Items: elements. */
export function fill(p: usize, start: i32, end: i32): void {
  const out = ptr(p, 0);
  const value = float(p, 1);
  for (let i = start; i < end; i++) store<f32>(at(out, i), value);
}
