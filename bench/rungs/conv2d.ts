/** The ladder of convolutions: 3×3 taps, stride 1, a ring of zeros, bias. [N, C, H, W] to O channels. */
import { type GpuCaps, linearGrid } from "../../engine/backend.ts";
import { type ConvPlan, forwardPlan } from "../../engine/ops/conv_plan.ts";
import { cpuDirectConv } from "../../engine/ops/conv_cpu.ts";
import { suitsCooperative } from "../../engine/ops/conv_cooperative.ts";
import { gpuConv } from "../../engine/ops/conv_gpu.ts";
import { bothPrecisions, type ConvTile, tileOutputs } from "../../engine/tiles.ts";
import { cpuWinograd, suitsWinograd } from "../../engine/ops/conv_winograd.ts";
import { gpuMatmul } from "../../engine/ops/matmul_plan.ts";
import { convAt } from "../expected.ts";
import { bytesOf } from "../op_case.ts";
import {
  asHalves,
  type CpuRung,
  type Dims,
  type GpuRung,
  lacksCooperative,
  type Ladder,
  type RungCall,
} from "./ladder.ts";

const HERE = "bench/ladder/conv2d";

/** Of the ladder's convolution. */
export function planOf([n, c, h, w, o]: Dims): ConvPlan {
  return forwardPlan([n, c, h, w], [o, c, 3, 3], [n, o, h, w], {
    stride: [1, 1],
    padding: [1, 1],
    dilation: [1, 1],
    groups: 1,
  });
}

function buffersOf({ inputs: [x, w, bias], outputs: [out], scratch }: RungCall) {
  return { x: x.memory, w: w.memory, bias: bias.memory, out: out.memory, scratch };
}

function plainCpu(file: string, title: string, kernel: string): CpuRung {
  return {
    kind: "cpu",
    file: `${HERE}/${file}.ts`,
    title,
    plan: ({ attrs: dims, inputs, outputs: [out] }) => ({
      launches: [{
        kernel,
        buffers: [...inputs, out].map((t) => t.memory),
        params: dims,
        items: dims[0] * dims[4],
        grain: 1,
      }],
    }),
  };
}

function production(file: string, title: string, software: boolean): GpuRung {
  return {
    kind: "webgpu",
    file: `shaders/${file}.wgsl`,
    title,
    plan: (call, own: GpuCaps) => ({
      launches: gpuConv(planOf(call.attrs), buffersOf(call), {
        caps: { ...own, software },
        relu: false,
      }),
    }),
  };
}

const WIDE: ConvTile = { across: 128, depth: 8, side: 8 };

/** `conv_tiled` in tiles that a tuner may choose, where there are outputs enough for them. */
const TUNED: GpuRung = {
  kind: "webgpu",
  file: "shaders/common/tile_product.wgsl",
  title: "tiles of taps, 8×8 a thread: ours, where the tuner finds it faster",
  beyond: true,
  suits: ([, , , , outputs]) => tileOutputs(outputs) === 64,
  plan: (call, own: GpuCaps) => {
    const { f32 } = own.tiles;
    const tiles = bothPrecisions({ ...f32, conv: { ...f32.conv, 64: WIDE } });
    const caps = { ...own, software: false, tiles };
    return { launches: gpuConv(planOf(call.attrs), buffersOf(call), { caps, relu: false }) };
  },
};

/** What `--precision f16` takes where it can; input and weights are cast before the clock runs. */
const COOPERATIVE: GpuRung = {
  kind: "webgpu",
  file: "shaders/conv_cooperative.wgsl",
  title: "cooperative matrices on f16, a tap at a time: ours, for halves",
  beyond: true,
  tolerance: 3e-3,
  lacks: lacksCooperative,
  suits: (dims) => suitsCooperative(planOf(dims)),
  plan(call, caps) {
    const { before, inputs: [x, w] } = asHalves(call.inputs.slice(0, 2), call.scratch);
    const buffers = { ...buffersOf(call), half: true, x: x.memory, w: w.memory };
    return { before, launches: gpuConv(planOf(call.attrs), buffers, { caps, relu: false }) };
  },
};

export const convLadder: Ladder = {
  name: "conv2d",
  dims: "NxCxHxWxO",
  sizes: {
    cpu: [16, 32, 32, 32, 64],
    gpu: [64, 32, 32, 32, 64],
    software: [2, 16, 16, 16, 32],
    tests: [
      ...[[1, 1, 1, 1, 1], [2, 3, 5, 7, 4], [1, 12, 10, 16, 17], [3, 5, 9, 33, 70]],
      [1, 20, 7, 6, 17], // channels and outputs enough for cooperative matrices
    ],
  },
  shapes: ([n, c, h, w, o]) => [[n, c, h, w], [o, c, 3, 3], [o]],
  output: ([n, , h, w, o]) => [n, o, h, w],
  flops: ([n, c, h, w, o]) => 2 * 9 * n * c * h * w * o,
  bytes: ([n, c, h, w, o]) => bytesOf([n, c, h, w], [o, c, 3, 3], [n, o, h, w]),
  expected: convAt,
  rungs: [
    plainCpu("01_naive", "a sum for each output", "convNaive"),
    plainCpu("02_rows", "a weight meets a row", "convRows"),
    {
      kind: "cpu",
      file: "engine/cpu/kernels/conv.ts",
      title: "matmul's microkernel on the image: ours, any plan",
      plan: (call, caps) => ({
        launches: cpuDirectConv(planOf(call.attrs), buffersOf(call), { caps, relu: false }),
      }),
    },
    {
      kind: "cpu",
      file: "engine/cpu/kernels/winograd.ts",
      title: "Winograd, 4 times fewer products: ours where it suits",
      plan(call, caps) {
        const plan = planOf(call.attrs);
        const run = suitsWinograd(plan) ? cpuWinograd : cpuDirectConv;
        return { launches: run(plan, buffersOf(call), { caps, relu: false }) };
      },
    },
    {
      kind: "webgpu",
      file: `${HERE}/01_naive.wgsl`,
      title: "a thread an output",
      plan: ({ attrs: [n, c, h, w, o], inputs, outputs: [out] }) => ({
        launches: [{
          shader: "conv2d/01_naive",
          buffers: [...inputs, out].map((t) => t.memory),
          params: [n, c, h, w, o],
          grid: linearGrid(out.size),
        }],
      }),
    },
    {
      kind: "webgpu",
      file: `${HERE}/02_im2col.wgsl`,
      title: "unfold, then a matrix product",
      plan(call, caps) {
        const { attrs: [n, c, h, w, o], inputs: [x, weights, bias], outputs: [out] } = call;
        const shape = [n, 9 * c, h * w];
        const size = shape.reduce((a, b) => a * b, 1);
        const columns = call.scratch(size);
        const product = gpuMatmul(
          {
            ...call,
            attrs: { transposeA: false, transposeB: false },
            inputs: [
              { ...weights, shape: [o, 9 * c] },
              { shape, dtype: "f32", memory: columns, size },
            ],
            outputs: [{ ...out, shape: [n, o, h * w] }],
          },
          caps,
          false,
        );
        return {
          launches: [
            {
              shader: "conv2d/02_im2col",
              buffers: [x.memory, columns],
              params: [n, c, h, w],
              grid: linearGrid(size),
            },
            ...product,
            {
              shader: "conv2d/02_bias",
              buffers: [bias.memory, out.memory],
              params: [out.size, h * w, o],
              grid: linearGrid(out.size),
            },
          ],
        };
      },
    },
    production("conv", "4×4 in registers: ours on software adapters", true),
    production("conv_tiled", "tiles of taps never stored: ours", false),
    TUNED,
    COOPERATIVE,
  ],
};
