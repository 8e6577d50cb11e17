// The definition: for each output a sum over channels and 3×3 taps, each tap asked whether it lies inside the
// image. The question costs more than the multiply-add it guards. (Stride 1, one ring of zeros, as all rungs.)
import { at, int, ptr } from "../../../engine/cpu/kernels/abi";

/** convNaive: x, w, bias, out; images, channels, height, width, outputs. Items: planes of the output. */
export function convNaive(p: usize, start: i32, end: i32): void {
  const x = ptr(p, 0), w = ptr(p, 1), bias = ptr(p, 2), out = ptr(p, 3);
  const channels = int(p, 5), height = int(p, 6), width = int(p, 7), outputs = int(p, 8);
  for (let item = start; item < end; item++) {
    const o = item % outputs, image = item / outputs;
    for (let y = 0; y < height; y++) {
      for (let z = 0; z < width; z++) {
        let sum = load<f32>(at(bias, o));
        for (let c = 0; c < channels; c++) {
          for (let i = 0; i < 3; i++) {
            for (let j = 0; j < 3; j++) {
              const row = y + i - 1, column = z + j - 1;
              if (row < 0 || row >= height || column < 0 || column >= width) continue;
              const plane = image * channels + c;
              sum += load<f32>(at(w, (o * channels + c) * 9 + i * 3 + j)) *
                load<f32>(at(x, (plane * height + row) * width + column));
            }
          }
        }
        store<f32>(at(out, (item * height + y) * width + z), sum);
      }
    }
  }
}
