/** Loss scaling: what it does to gradients and to steps, and that it never waits for the device. */
import assert from "node:assert/strict";
import * as T from "../../../engine/mod.ts";
import { openDevices } from "../devices.ts";

const RATE = 0.1;
const BETAS = [0.9, 0.999] as const;
const EPS = 1e-8;

/** Adam in f64 on one number; a gradient that is not finite is passed over. */
function reference(first: number, gradients: readonly number[]): number {
  let [w, m, v, t] = [first, 0, 0, 0];
  for (const g of gradients.filter(Number.isFinite)) {
    t++;
    m += (1 - BETAS[0]) * (g - m);
    v += (1 - BETAS[1]) * (g * g - v);
    const root = Math.sqrt(v / (1 - BETAS[1] ** t));
    w -= RATE * m / (1 - BETAS[0] ** t) / (root + EPS);
  }
  return w;
}

/** A step of Adam whose scaled gradient is `gradient` times the scale, made without reading it. */
function step(w: T.Tensor, { adam, scaler, gradient }: {
  readonly adam: T.Adam;
  readonly scaler: T.LossScaler;
  readonly gradient: number;
}): void {
  const { device } = w;
  device.scope(() => {
    const loss = T.sum(T.mul(w, Number.isFinite(gradient) ? gradient : 1));
    T.backward(loss, scaler.seed(loss));
    if (!Number.isFinite(gradient)) T.copyInto(w.grad!, T.full(device, [1], gradient));
    adam.step(scaler.factors([[w]], null)[0]);
    adam.zeroGrad();
  });
}

Deno.test("a step with a gradient that is not finite changes nothing but the scale, and counts for nothing", async () => {
  using devices = await openDevices();
  for (const device of devices.list) {
    const gradients = [Infinity, NaN, 0.5, -0.25, -Infinity, 0.75];
    const w = device.keep(device.tensor([1]));
    w.requiresGrad = true;
    const scaler = new T.LossScaler(device);
    const adam = new T.Adam(new Map([["w", w]]), { learningRate: RATE, betas: BETAS, eps: EPS });
    for (const gradient of gradients) step(w, { adam, scaler, gradient });
    const expected = reference(1, gradients);
    assert.ok(Math.abs(await w.item() - expected) < 1e-6, `${device.name}: ${await w.item()}`);
    assert.deepEqual(await scaler.read(), { scale: 2 ** 13, skipped: 3 }, device.name);
  }
});

Deno.test("plain gradient descent skips such a step too", async () => {
  using devices = await openDevices();
  for (const device of devices.list) {
    const w = device.tensor([1, 2, 3, 4, 5]);
    const sgd = new T.Sgd(new Map([["w", w]]), { learningRate: 1, momentum: 0.9 });
    const scaler = new T.LossScaler(device);
    w.grad = device.tensor([0, 0, NaN, 0, 0]);
    sgd.step(scaler.factors([[w]], 1)[0]);
    assert.deepEqual(await w.data(), Float32Array.of(1, 2, 3, 4, 5), device.name);
    w.grad = device.tensor([2 ** 15, 0, 0, 0, 0]);
    sgd.step(scaler.factors([[w]], null)[0]);
    assert.deepEqual(await w.data(), Float32Array.of(0, 2, 3, 4, 5), device.name);
  }
});

Deno.test("the scale doubles after so many good steps in a row", async () => {
  using devices = await openDevices();
  for (const device of devices.list) {
    const w = device.tensor([1]);
    w.requiresGrad = true;
    const scaler = new T.LossScaler(device, { initial: 4, interval: 3 });
    const adam = new T.Adam(new Map([["w", w]]), { learningRate: RATE });
    const scales: number[] = [];
    for (const gradient of [1, 1, 1, 1, Infinity, 1, 1, 1]) {
      step(w, { adam, scaler, gradient });
      scales.push((await scaler.read()).scale);
    }
    assert.deepEqual(scales, [4, 4, 8, 8, 4, 4, 4, 8], device.name);
  }
});

Deno.test("gradients too small for f16 arrive under a scale, and vanish without", async () => {
  using devices = await openDevices({ precision: "f16" });
  for (const device of devices.list) {
    const w = device.tensor([1], [1, 1]);
    w.requiresGrad = true;
    const gradient = async (scaler: T.LossScaler | null) => {
      device.scope(() => {
        const loss = T.sum(T.mul(T.matmul(device.tensor([1], [1, 1]), w), 2 ** -27));
        T.backward(loss, scaler?.seed(loss));
      });
      const [g] = await w.grad!.data();
      w.grad!.dispose();
      w.grad = null;
      return g;
    };
    assert.equal(await gradient(null), 0, device.name);
    assert.equal(await gradient(new T.LossScaler(device)), 2 ** -11, device.name);
  }
});
