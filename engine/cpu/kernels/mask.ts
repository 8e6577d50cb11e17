// Frames past a clip's length replaced by a number.
import { at, float, int, ptr } from "./abi";

/** maskFrames: x [B, T, C], lengths, out; T, C, value. Items: frames of all clips. */
export function maskFrames(p: usize, start: i32, end: i32): void {
  const T = int(p, 3), C = int(p, 4), value = float(p, 5);
  for (let frame = start; frame < end; frame++) {
    const out = at(ptr(p, 2), frame * C);
    if (frame % T < load<i32>(at(ptr(p, 1), frame / T))) {
      memory.copy(out, at(ptr(p, 0), frame * C), <usize> C << 2);
    } else {
      for (let c = 0; c < C; c++) store<f32>(at(out, c), value);
    }
  }
}
