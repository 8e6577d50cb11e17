// Reductions over any axes.
import { at, int, ptr } from "./abi";

/**
 * sum: x, out; reduced, kept rank, reduced rank, then size and stride of the kept axes, then of the
 * reduced ones, innermost first. Items: outputs.
 */
export function sum(p: usize, start: i32, end: i32): void {
  const x = ptr(p, 0), out = ptr(p, 1);
  const reduced = int(p, 2), kept = int(p, 3), gone = int(p, 4);
  for (let i = start; i < end; i++) {
    let rest = i, base = 0;
    for (let d = 0; d < kept; d++) {
      const size = int(p, 5 + 2 * d);
      base += rest % size * int(p, 6 + 2 * d);
      rest /= size;
    }
    let total: f64 = 0;
    for (let j = 0; j < reduced; j++) {
      let left = j, offset = base;
      for (let d = kept; d < kept + gone; d++) {
        const size = int(p, 5 + 2 * d);
        offset += left % size * int(p, 6 + 2 * d);
        left /= size;
      }
      total += load<f32>(at(x, offset));
    }
    store<f32>(at(out, i), <f32> total);
  }
}
