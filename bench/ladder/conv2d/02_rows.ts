// What changed: the loops are turned round. One weight at a time meets a whole row of the image, added to a row
// of the output, four floats an instruction; the border is settled by where the row begins and ends, not asked
// at each tap. Why it should help: no questions, and vectors. What stays: the output's row travels to and from
// the cache for every weight, two transfers a multiply-add.
import { at, int, ptr } from "../../../engine/cpu/kernels/abi";

/** convRows: x, w, bias, out; images, channels, height, width, outputs. Items: planes of the output. */
export function convRows(p: usize, start: i32, end: i32): void {
  const x = ptr(p, 0), w = ptr(p, 1), bias = ptr(p, 2), out = ptr(p, 3);
  const channels = int(p, 5), height = int(p, 6), width = int(p, 7), outputs = int(p, 8);
  const area = height * width;
  for (let item = start; item < end; item++) {
    const o = item % outputs, image = item / outputs;
    const plane = at(out, item * area), first = load<f32>(at(bias, o));
    for (let i = 0; i < area; i++) store<f32>(at(plane, i), first);
    for (let c = 0; c < channels; c++) {
      for (let tap = 0; tap < 9; tap++) {
        const weight = load<f32>(at(w, (o * channels + c) * 9 + tap));
        const dy = tap / 3 - 1, dz = tap % 3 - 1;
        const z0 = max(0, -dz), z1 = min(width, width - dz);
        for (let y = max(0, -dy); y < min(height, height - dy); y++) {
          const from = at(x, ((image * channels + c) * height + y + dy) * width + dz);
          addScaled(at(plane, y * width), from, z0, z1, weight);
        }
      }
    }
  }
}

/** to[i] += weight · from[i] for z0 ≤ i < z1. */
function addScaled(to: usize, from: usize, z0: i32, z1: i32, weight: f32): void {
  const s = f32x4.splat(weight);
  let i = z0;
  for (; i + 8 <= z1; i += 8) {
    const u = v128.load(at(from, i)), v = v128.load(at(from, i), 16);
    const y = v128.load(at(to, i)), z = v128.load(at(to, i), 16);
    v128.store(at(to, i), f32x4.relaxed_madd(s, u, y));
    v128.store(at(to, i), f32x4.relaxed_madd(s, v, z), 16);
  }
  for (; i < z1; i++) {
    store<f32>(at(to, i), load<f32>(at(to, i)) + weight * load<f32>(at(from, i)));
  }
}
