/** The ladder of matrix products, [M, K] × [K, N]. */
import { type GpuCaps, type GpuLaunch, linearGrid } from "../../engine/backend.ts";
import { suitsCooperative } from "../../engine/ops/matmul_cooperative.ts";
import { cpuMatmul, gpuMatmul } from "../../engine/ops/matmul_plan.ts";
import { ANY_SHAPE, bothPrecisions, type Tiles, WIDE } from "../../engine/tiles.ts";
import { matmulAt } from "../expected.ts";
import { bytesOf } from "../op_case.ts";
import {
  asHalves,
  type CpuRung,
  type Dims,
  type GpuRung,
  lacksCooperative,
  type Ladder,
  type RungCall,
  type RungPlan,
} from "./ladder.ts";

const HERE = "bench/ladder/matmul";
const PLAIN = { transposeA: false, transposeB: false };

function plainGpu(
  file: string,
  title: string,
  groups: (dims: Dims) => GpuLaunch["grid"],
): GpuRung {
  return {
    kind: "webgpu",
    file: `${HERE}/${file}.wgsl`,
    title,
    plan: ({ attrs: dims, inputs: [a, b], outputs: [out] }) => ({
      launches: [{
        shader: `matmul/${file}`,
        buffers: [a.memory, b.memory, out.memory],
        params: dims,
        grid: groups(dims),
      }],
    }),
  };
}

/** A production shader, whatever this adapter would choose by itself. */
function production(
  file: string,
  title: string,
  caps: (own: GpuCaps) => GpuCaps,
  suits?: (dims: Dims) => boolean,
): GpuRung {
  return {
    kind: "webgpu",
    file: `shaders/${file}.wgsl`,
    title,
    ...(suits && { suits }),
    plan: (call, own) => ({ launches: gpuMatmul({ ...call, attrs: PLAIN }, caps(own), false) }),
  };
}

const tiledBy = (matmul: Tiles["matmul"]) => (own: GpuCaps): GpuCaps => ({
  ...own,
  software: false,
  tiles: bothPrecisions({ ...own.tiles.f32, matmul }),
});

/** The wide shader's own tile, or the one a tuner found. */
function wideTiles({ tiles: { f32: { matmul: { large } } } }: GpuCaps): Tiles["matmul"] {
  const wide = large.side === 8 ? large : WIDE;
  return { large: wide, small: wide };
}

/** Rows of both operands are whole vec4s. */
const wholeVectors = ([, k, n]: Dims) => k % 4 === 0 && n % 4 === 0;

/** Sides padded to whole tiles of 64. */
const padded = (n: number) => Math.ceil(n / 64) * 64;

/** Both matrices as f16 (two each where the product is split), made before the clock runs. */
function store({ attrs: [m, k, n], inputs: [a, b], scratch }: RungCall, split: boolean) {
  const halves = [[m, k], [k, n]].map(([rows, columns]) =>
    scratch(padded(rows) * padded(columns) * (split ? 2 : 1) / 2)
  );
  const before = [[m, k], [k, n]].map(([rows, columns], i): GpuLaunch => ({
    shader: "matmul/11_f16_store",
    constants: { SPLIT: Number(split) },
    buffers: [[a, b][i].memory, halves[i]],
    params: [rows, columns, padded(rows), padded(columns)],
    grid: linearGrid(padded(rows) * padded(columns)),
  }));
  return { before, halves, params: [m, k, n, padded(m), padded(k), padded(n)] };
}

function f16(title: string, split: boolean): GpuRung {
  return {
    kind: "webgpu",
    file: `${HERE}/11_f16.wgsl`,
    title,
    beyond: true,
    tolerance: split ? 1e-5 : 3e-3,
    lacks: ({ f16 }) => f16 ? null : "shader-f16",
    plan(call) {
      const { before, halves, params } = store(call, split);
      const [m, , n] = call.attrs;
      return {
        before,
        launches: [{
          shader: "matmul/11_f16",
          constants: { SPLIT: Number(split) },
          buffers: [...halves, call.outputs[0].memory],
          params,
          grid: linearGrid(padded(m) / 64 * padded(n) / 64, 1),
        }],
      };
    },
  };
}

function cooperative(title: string, split: boolean): GpuRung {
  return {
    kind: "webgpu",
    file: `${HERE}/13_cooperative.wgsl`,
    title,
    beyond: true,
    tolerance: split ? 1e-5 : 3e-3,
    lacks: lacksCooperative,
    plan(call): RungPlan<GpuLaunch> {
      const { before, halves, params } = store(call, split);
      const [m, , n] = call.attrs;
      const sums = padded(m) * padded(n);
      const [high, rest] = [call.scratch(sums), call.scratch(sums)];
      const clear = [high, ...(split ? [rest] : [])].map((memory): GpuLaunch => ({
        shader: "fill",
        buffers: [memory],
        params: [sums, { f32: 0 }],
        grid: linearGrid(sums),
      }));
      return {
        before,
        launches: [...clear, {
          shader: "matmul/13_cooperative",
          constants: { SPLIT: Number(split) },
          buffers: [...halves, high, rest],
          params,
          grid: linearGrid(sums / 1024, 1),
        }, {
          shader: "matmul/13_crop",
          constants: { SPLIT: Number(split) },
          buffers: [high, rest, call.outputs[0].memory],
          params: [m, n, padded(n)],
          grid: linearGrid(m * n),
        }],
      };
    },
  };
}

/** What `--precision f16` takes where it can; the operands are cast before the clock runs. */
function cooperativeProduction(): GpuRung {
  return {
    kind: "webgpu",
    file: "shaders/matmul_cooperative.wgsl",
    title: "cooperative matrices on f16 as it lies: ours, for halves",
    beyond: true,
    tolerance: 3e-3,
    lacks: lacksCooperative,
    suits: ([m, k, n]) => suitsCooperative({ m, k, n }, PLAIN),
    plan(call, own) {
      const { before, inputs } = asHalves(call.inputs, call.scratch);
      return { before, launches: gpuMatmul({ ...call, inputs, attrs: PLAIN }, own, false) };
    },
  };
}

function plainCpu(file: string, title: string, kernel: string, rows: number): CpuRung {
  return {
    kind: "cpu",
    file: `${HERE}/${file}.ts`,
    title,
    plan: ({ attrs: dims, inputs: [a, b], outputs: [out] }) => ({
      launches: [{
        kernel,
        buffers: [a.memory, b.memory, out.memory],
        params: dims,
        items: Math.ceil(dims[0] / rows),
        work: rows * dims[1] * dims[2],
      }],
    }),
  };
}

export const matmulLadder: Ladder = {
  name: "matmul",
  dims: "MxKxN",
  sizes: {
    cpu: [512, 512, 512],
    gpu: [2048, 2048, 2048],
    software: [256, 128, 256],
    tests: [[1, 1, 1], [7, 17, 5], [65, 66, 68], [36, 132, 132], [40, 48, 64], [132, 20, 136]],
  },
  shapes: ([m, k, n]) => [[m, k], [k, n]],
  output: ([m, , n]) => [m, n],
  flops: ([m, k, n]) => 2 * m * k * n,
  bytes: ([m, k, n]) => bytesOf([m, k], [k, n], [m, n]),
  expected: matmulAt,
  rungs: [
    plainCpu("01_naive", "three loops", "matmulNaive", 1),
    plainCpu("02_rows", "along rows", "matmulRows", 1),
    plainCpu("03_blocked", "in blocks", "matmulBlocked", 16),
    plainCpu("04_simd", "vectors in registers", "matmulSimd", 4),
    {
      kind: "cpu",
      file: "engine/cpu/kernels/matmul.ts",
      title: "packed panels, 6×16: ours",
      plan: (call, caps) => ({ launches: cpuMatmul({ ...call, attrs: PLAIN }, caps, false) }),
    },
    plainGpu("01_naive", "a thread an element", ([m, , n]) => linearGrid(m * n)),
    plainGpu(
      "02_shared_tile",
      "16×16 through workgroup memory",
      ([m, , n]) => linearGrid(Math.ceil(m / 16) * Math.ceil(n / 16), 1),
    ),
    // Without workgroup memory no tile fits.
    production("matmul", "4×8 in registers: ours on software adapters, small products", (own) => ({
      ...own,
      software: true,
      maxWorkgroupStorage: 0,
    })),
    production(
      "matmul_tiled",
      "64×64 tile, 4×4 a thread: ours, any shape",
      tiledBy({ large: ANY_SHAPE, small: ANY_SHAPE }),
    ),
    production(
      "matmul_wide",
      "vec4s, 8×8 a thread: ours, large products",
      (own) => tiledBy(wideTiles(own))(own),
      wholeVectors,
    ),
    {
      ...plainGpu(
        "09_double_buffered",
        "vec4s, 8×8 a thread, two tiles and one barrier a turn",
        ([m, , n]) => linearGrid(Math.ceil(m / 128) * Math.ceil(n / 128), 1),
      ),
      beyond: true,
      suits: wholeVectors,
    },
    {
      ...plainGpu(
        "10_subgroups",
        "broadcasts in subgroups",
        ([m, , n]) => linearGrid(Math.ceil(m / 4) * Math.ceil(n / 32), 2),
      ),
      beyond: true,
      lacks: ({ subgroups }) => subgroups ? null : "subgroups",
    },
    f16("f16 in memory, f32 sums", false),
    f16("f16 split in two, f32 accuracy", true),
    cooperative("cooperative matrices, f16", false),
    cooperative("cooperative matrices, f16 split in two", true),
    cooperativeProduction(),
  ],
};
