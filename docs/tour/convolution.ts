/** One image, one kernel: the three sums of a convolution written out, beside the engine's. */
import { backward, conv2d, openDevice, Random, uniform } from "../../engine/mod.ts";
import { below, distance, row } from "./format.ts";

const H = 5, K = 3, O = H - K + 1;

export async function run(print: (line: string) => void): Promise<void> {
  using device = await openDevice("cpu");
  const random = Random.of(1, "convolution");
  const x = uniform(device, [1, 1, H, H], random, { low: -1 });
  const w = uniform(device, [1, 1, K, K], random, { low: -1 });
  const g = uniform(device, [1, 1, O, O], random, { low: -1 }); // ∂L/∂y, from whatever follows
  x.requiresGrad = w.requiresGrad = true;
  const y = conv2d(x, w);
  backward(y, g);

  const [xs, ws, gs] = [await x.data(), await w.data(), await g.data()];
  const out = new Float64Array(O * O), dx = new Float64Array(H * H), dw = new Float64Array(K * K);
  for (let i = 0; i < O; i++) {
    for (let j = 0; j < O; j++) {
      for (let u = 0; u < K; u++) {
        for (let v = 0; v < K; v++) {
          const at = (i + u) * H + j + v; // the pixel under tap (u, v) of output (i, j)
          out[i * O + j] += xs[at] * ws[u * K + v];
          dx[at] += gs[i * O + j] * ws[u * K + v];
          dw[u * K + v] += gs[i * O + j] * xs[at];
        }
      }
    }
  }
  print("y = x ⋆ w, every output a sum over 3×3 taps:");
  for (let i = 0; i < O; i++) print(row(out.subarray(i * O, (i + 1) * O), 3));
  print("∂L/∂w, every tap a sum over 3×3 outputs:");
  for (let u = 0; u < K; u++) print(row(dw.subarray(u * K, (u + 1) * K), 3));
  print("∂L/∂x, every pixel a sum over the outputs that saw it:");
  for (let i = 0; i < H; i++) print(row(dx.subarray(i * H, (i + 1) * H), 3));
  const error = Math.max(
    distance(out, await y.data()),
    distance(dw, await w.grad!.data()),
    distance(dx, await x.grad!.data()),
  );
  print(`largest difference from the engine: ${below(error, 1e-5)}`);
}
