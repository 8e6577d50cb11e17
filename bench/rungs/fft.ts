/** The ladder of real FFTs, [BATCH, N] → [BATCH, N/2 + 1, 2], N a power of two. */
import { linearGrid } from "../../engine/backend.ts";
import type { Call } from "../../engine/op.ts";
import {
  cpuTable,
  type FftAttrs,
  gpuTable,
  inPasses,
  inWorkgroup,
  launchCpu,
} from "../../engine/ops/fft.ts";
import { rfftAt } from "../expected.ts";
import { bytesOf } from "../op_case.ts";
import { checkSignals } from "../transforms.ts";
import type { Ladder, RungCall } from "./ladder.ts";

const HERE = "bench/ladder/fft";

/** The call as the op's own launches want it, with their table as second input. */
function opCall(call: RungCall, table: Float32Array): Call<FftAttrs> {
  const [, n] = call.attrs;
  const memory = call.table(table);
  const arg = { shape: [table.length], dtype: "f32" as const, memory, size: table.length };
  return { ...call, attrs: { n, ends: 1, inner: 1 }, inputs: [call.inputs[0], arg] };
}

export const fftLadder: Ladder = {
  name: "fft",
  dims: "BATCHxN",
  check: checkSignals,
  sizes: {
    cpu: [173, 2048],
    gpu: [8192, 2048],
    software: [16, 256],
    tests: [[1, 8], [3, 16], [2, 64], [5, 512]],
  },
  shapes: ([batch, n]) => [[batch, n]],
  output: ([batch, n]) => [batch, n / 2 + 1, 2],
  flops: ([batch, n]) => 2.5 * n * Math.log2(n) * batch,
  most: ([batch, n]) => 2 * n * (n + 2) * batch,
  bytes: ([batch, n]) => bytesOf([batch, n], [batch, n / 2 + 1, 2]),
  expected: rfftAt,
  rungs: [
    {
      kind: "cpu",
      file: `${HERE}/01_dft.ts`,
      title: "the definition, N²",
      tolerance: 1e-4, // N terms in f32, one after the other
      plan: ({ attrs: [batch, n], inputs: [x], outputs: [out], table }) => ({
        launches: [{
          kernel: "fftDft",
          buffers: [x.memory, table(gpuTable(n)), out.memory],
          params: [n],
          items: batch,
          grain: 1,
        }],
      }),
    },
    {
      kind: "cpu",
      file: `${HERE}/02_radix2.ts`,
      title: "halving, N log N",
      plan: ({ attrs: [batch, n], inputs: [x], outputs: [out], table, scratch }, { threads }) => ({
        launches: [{
          kernel: "fftRadix2",
          buffers: [x.memory, table(gpuTable(n)), scratch(threads * 4 * n), out.memory],
          params: [n],
          items: batch,
          work: 10 * n,
        }],
      }),
    },
    {
      kind: "cpu",
      file: "engine/cpu/kernels/fft.ts",
      title: "radix 4, vectors, half the size: ours",
      plan(call, { threads }) {
        return { launches: [launchCpu("rfft", opCall(call, cpuTable(call.attrs[1])), threads)] };
      },
    },
    {
      kind: "webgpu",
      file: `${HERE}/01_dft.wgsl`,
      title: "the definition, N²",
      tolerance: 1e-4,
      plan: ({ attrs: [batch, n], inputs: [x], outputs: [out], table }) => ({
        launches: [{
          shader: "fft/01_dft",
          buffers: [x.memory, table(gpuTable(n)), out.memory],
          params: [batch, n],
          grid: linearGrid(batch * (n / 2 + 1)),
        }],
      }),
    },
    {
      kind: "webgpu",
      file: `${HERE}/02_radix2.wgsl`,
      title: "halving, a dispatch a pass",
      plan({ attrs: [batch, n], inputs: [x], outputs: [out], table, scratch }) {
        const twiddles = table(gpuTable(n));
        const spare = [scratch(2 * batch * n), scratch(2 * batch * n)];
        const pass = (entry: string, from: number, items: number, s = 0) => ({
          shader: "fft/02_radix2",
          entry,
          buffers: [
            entry === "widen" ? x.memory : spare[from],
            twiddles,
            entry === "keep" ? out.memory : spare[entry === "widen" ? 0 : 1 - from],
          ],
          params: [batch, n, s],
          grid: linearGrid(items),
        });
        const stages = Math.log2(n);
        return {
          launches: [
            pass("widen", 0, batch * n / 2),
            ...Array.from(
              { length: stages },
              (_, i) => pass("stage", i % 2, batch * n / 2, 2 ** i),
            ),
            pass("keep", stages % 2, batch * (n / 2 + 1)),
          ],
        };
      },
    },
    {
      kind: "webgpu",
      file: "shaders/fft_pass.wgsl",
      title: "radix 4, half the size, a dispatch a pass: ours on software adapters",
      plan: (call) => ({ launches: inPasses(opCall(call, gpuTable(call.attrs[1])), true) }),
    },
    {
      kind: "webgpu",
      file: "shaders/fft_workgroup.wgsl",
      title: "all passes in one workgroup: ours",
      suits: ([, n]) => n >= 8 && n <= 4096,
      plan(call) {
        const n = call.attrs[1];
        return { launches: [inWorkgroup(opCall(call, gpuTable(n)), n / 2, true)] };
      },
    },
  ],
};
