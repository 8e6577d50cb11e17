/**
 * Real FFT and its inverse over the last axis, N a power of two. Both carry two factors, one for the
 * bins 0 and N/2 and one for the bins between, so that each is exactly the other's gradient: a bin
 * between stands for two of the full spectrum.
 * N points are worked as N/2 complex ones; on the GPU in one workgroup's memory where they fit.
 */
import { f32, type GpuCaps, type GpuLaunch, linearGrid, type Memory } from "../backend.ts";
import { type Call, defineOp, type Op, type TensorSpec } from "../op.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

export interface FftAttrs {
  /** Real points. */
  readonly n: number;
  /** Factor of bins 0 and N/2. */
  readonly ends: number;
  /** Factor of the bins between. */
  readonly inner: number;
}

const MAX_POINTS = 65_536;
/** Complex points that fit the 16 KiB of a workgroup. */
const WORKGROUP_POINTS = 2048;

const rfftOp: Op<FftAttrs> = defineOp<FftAttrs>({
  name: "rfft",
  infer: ([x], { n }) => [{ shape: [...x.shape.slice(0, -1), n / 2 + 1, 2], dtype: "f32" }],
  cpu: (call, { threads }) => [launchCpu("rfft", call, threads)],
  gpu: (call, caps) => launchGpu(call, caps, true),
  backward: ([g], { attrs }) => [irfftOp.apply([g!, tableOf(g!, attrs.n)], attrs)[0], null],
});

const irfftOp: Op<FftAttrs> = defineOp<FftAttrs>({
  name: "irfft",
  infer: ([x], { n }) => [{ shape: [...x.shape.slice(0, -2), n], dtype: "f32" }],
  cpu: (call, { threads }) => [launchCpu("irfft", call, threads)],
  gpu: (call, caps) => launchGpu(call, caps, false),
  backward: ([g], { attrs }) => [rfftOp.apply([g!, tableOf(g!, attrs.n)], attrs)[0], null],
});

/**
 * Spectrum of real signals: [..., N] → [..., N/2 + 1, 2] (real, imaginary), unnormalised, as
 * `torch.fft.rfft`. N is a power of two from 2 to 65,536.
 */
export function rfft(x: Tensor): Tensor {
  const n = x.shape.at(-1) ?? 0;
  checkPoints("rfft", x, n);
  return rfftOp.apply([x, tableOf(x, n)], { n, ends: 1, inner: 1 })[0];
}

/**
 * Signals of spectra, the inverse of `rfft`: [..., N/2 + 1, 2] → [..., N]. Imaginary parts of the
 * bins 0 and N/2 are ignored, as `torch.fft.irfft` does.
 */
export function irfft(x: Tensor): Tensor {
  const n = ((x.shape.at(-2) ?? 0) - 1) * 2;
  if (x.shape.at(-1) !== 2) {
    throw new Error(`irfft: expected […, N/2 + 1, 2], got ${formatShape(x.shape)}`);
  }
  checkPoints("irfft", x, n);
  return irfftOp.apply([x, tableOf(x, n)], { n, ends: 1 / n, inner: 2 / n })[0];
}

/** Throws where `n` points are not what the kernels transform, or not of f32. */
export function checkPoints(name: string, x: TensorSpec, n: number): void {
  if (x.dtype !== "f32") throw new Error(`${name}: needs f32, got ${x.dtype}`);
  if (n < 2 || n > MAX_POINTS || (n & (n - 1)) !== 0) {
    throw new Error(
      `${name}: needs a power of two from 2 to ${MAX_POINTS} points, got ${n} (${
        formatShape(x.shape)
      })`,
    );
  }
}

/** Twiddle factors, computed in f64 once a device and N. */
function tableOf({ device }: Tensor, n: number): Tensor {
  return device.kind === "cpu"
    ? device.constant(`fft/cpu/${n}`, () => cpuTable(n))
    : device.constant(`fft/gpu/${n}`, () => gpuTable(n));
}

/** Twiddle factors as the CPU kernels want them: see the heads of cpu/kernels/fft.ts and complex_fft.ts. */
export function cpuTable(n: number): Float32Array {
  const m = n / 2;
  const quarter = m >> 2;
  const half = (m >> 1) + 1;
  const table = new Float32Array(6 * quarter + 2 * half);
  for (let p = 0; p < quarter; p++) {
    for (let power = 1; power <= 3; power++) {
      const angle = 2 * Math.PI * (p * power) / m;
      table[(2 * power - 2) * quarter + p] = Math.cos(angle);
      table[(2 * power - 1) * quarter + p] = -Math.sin(angle);
    }
  }
  for (let k = 0; k < half; k++) {
    const angle = 2 * Math.PI * k / n;
    table[6 * quarter + k] = Math.cos(angle);
    table[6 * quarter + half + k] = -Math.sin(angle);
  }
  return table;
}

/** e^{−2πik/N} for all k < N, as pairs. */
export function gpuTable(n: number): Float32Array {
  const table = new Float32Array(2 * n);
  for (let k = 0; k < n; k++) {
    table[2 * k] = Math.cos(2 * Math.PI * k / n);
    table[2 * k + 1] = -Math.sin(2 * Math.PI * k / n);
  }
  return table;
}

function transforms({ inputs: [x], outputs: [out], attrs }: Call<FftAttrs>): number {
  return Math.min(x.size, out.size) / attrs.n | 0;
}

/** Launch of `kernels/fft.ts`. */
export function launchCpu(kernel: string, call: Call<FftAttrs>, threads: number) {
  const { inputs: [x, table], outputs: [out], attrs } = call;
  const scratch = call.scratch(threads * 2 * attrs.n);
  return {
    kernel,
    buffers: [x.memory, table.memory, scratch, out.memory],
    params: [attrs.n, f32(attrs.ends), f32(attrs.inner)],
    items: transforms(call),
    work: 4 * attrs.n,
  };
}

function launchGpu(call: Call<FftAttrs>, caps: GpuCaps, forward: boolean): GpuLaunch[] {
  const points = call.attrs.n / 2;
  // Software adapters only lose by shared memory and barriers.
  return caps.software || points > WORKGROUP_POINTS || points < 4
    ? inPasses(call, forward)
    : [inWorkgroup(call, points, forward)];
}

/** One workgroup a transform of `points` complex numbers, everything in its memory and registers. */
export function inWorkgroup(call: Call<FftAttrs>, points: number, forward: boolean): GpuLaunch {
  const { inputs: [x, table], outputs: [out], attrs } = call;
  const batch = transforms(call);
  return {
    shader: "fft_workgroup",
    entry: forward ? "forward" : "inverse",
    constants: { POINTS: points, THREADS: Math.min(256, points / 4) },
    buffers: [x.memory, table.memory, out.memory],
    params: [batch, f32(attrs.ends), f32(attrs.inner)],
    grid: linearGrid(batch, 1),
  };
}

/** One dispatch a radix-4 stage over the whole batch, and one that splits or joins the spectrum. */
export function inPasses(call: Call<FftAttrs>, forward: boolean): GpuLaunch[] {
  const { inputs: [x, table], outputs: [out], attrs } = call;
  const points = attrs.n / 2;
  const batch = transforms(call);
  const strides: { s: number; radix: number }[] = [];
  for (let s = 1; s < points; s *= 4) strides.push({ s, radix: points / s >= 4 ? 4 : 2 });
  const spare = [0, 1].map((i) =>
    i < strides.length || !forward ? call.scratch(batch * attrs.n) : null
  );
  const launches: GpuLaunch[] = [];
  const pass = (entry: string, from: Memory, to: Memory, items: number, s = 0) =>
    launches.push({
      shader: "fft_pass",
      entry,
      constants: { DIRECTION: forward ? 1 : -1 },
      buffers: [from, table.memory, to],
      params: [batch * items, points, s, f32(attrs.ends), f32(attrs.inner)],
      grid: linearGrid(batch * items),
    });
  let at = x.memory;
  let turn = 0;
  if (!forward) {
    const to = strides.length === 0 ? out.memory : spare[turn++ % 2]!;
    pass("join", at, to, Math.floor(points / 2) + 1);
    at = to;
  }
  strides.forEach(({ s, radix }, i) => {
    const last = i === strides.length - 1;
    const to = last && !forward ? out.memory : spare[turn++ % 2]!;
    pass(radix === 4 ? "stage4" : "stage2", at, to, points / radix, s);
    at = to;
  });
  if (forward) pass("split", at, out.memory, Math.floor(points / 2) + 1);
  return launches;
}
