/** The gradient of batch norm from its derivation on paper, beside the engine's. */
import { backward, batchNorm, full, normal, openDevice, Random, zeros } from "../../engine/mod.ts";
import { below, distance, fixed, row } from "./format.ts";

const N = 6, GAMMA = 1.5, EPS = 1e-5;

export async function run(print: (line: string) => void): Promise<void> {
  using device = await openDevice("cpu");
  const random = Random.of(2, "batch norm");
  const x = normal(device, [N, 1], random, { mean: 3, deviation: 2 });
  const gamma = full(device, [1], GAMMA), beta = zeros(device, [1]);
  const g = normal(device, [N, 1], random); // ∂L/∂y
  for (const t of [x, gamma, beta]) t.requiresGrad = true;
  const running = { runningMean: zeros(device, [1]), runningVar: full(device, [1], 1) };
  backward(batchNorm(x, gamma, beta, { ...running, training: true }), g);

  const xs = [...await x.data()], gs = [...await g.data()];
  const mean = xs.reduce((s, v) => s + v, 0) / N;
  const r = 1 / Math.sqrt(xs.reduce((s, v) => s + (v - mean) ** 2, 0) / N + EPS);
  const unit = xs.map((v) => (v - mean) * r); // x̂
  const sumG = gs.reduce((s, v) => s + v, 0);
  const sumGx = gs.reduce((s, v, i) => s + v * unit[i], 0);
  const dx = gs.map((v, i) => GAMMA * r * (v - sumG / N - unit[i] * sumGx / N));

  print(`x   ${row(xs)}`);
  print(`x̂   ${row(unit)}`);
  print(`dy  ${row(gs)}`);
  print(`dx  ${row(dx, 3)}   by hand`);
  print(`dx  ${row(await x.grad!.data(), 3)}   the engine`);
  print(`dγ  ${fixed(sumGx, 4)} by hand, ${fixed((await gamma.grad!.data())[0], 4)} the engine`);
  print(`dβ  ${fixed(sumG, 4)} by hand, ${fixed((await beta.grad!.data())[0], 4)} the engine`);
  const [along1, alongX] = [1, 0].map((one) =>
    Math.abs(dx.reduce((s, v, i) => s + v * (one ? 1 : unit[i]), 0))
  );
  print(`|Σ dx| ${below(along1, 1e-6)}, |Σ dx·x̂| ${below(alongX, 1e-4)}`);
  print(`largest difference from the engine: ${below(distance(dx, await x.grad!.data()), 1e-5)}`);
}
