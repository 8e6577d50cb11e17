/** The ladder of softmax over the rows of [ROWS, N]. */
import { linearGrid } from "../../engine/backend.ts";
import { type Lanes, lanesConstants, rowGrid } from "../../engine/ops/rows.ts";
import { softmaxAt } from "../expected.ts";
import { bytesOf } from "../op_case.ts";
import type { CpuRung, Dims, GpuRung, Ladder } from "./ladder.ts";

const HERE = "bench/ladder/softmax";

function cpu(file: string, title: string, kernel: string): CpuRung {
  return {
    kind: "cpu",
    file,
    title,
    plan: ({ attrs: [rows, n], inputs: [x], outputs: [out] }) => ({
      launches: [{
        kernel,
        buffers: [x.memory, out.memory],
        params: [n],
        items: rows,
        work: 4 * n,
      }],
    }),
  };
}

function plainGpu(file: string, title: string, threads: (dims: Dims) => number): GpuRung {
  return {
    kind: "webgpu",
    file: `${HERE}/${file}.wgsl`,
    title,
    plan: ({ attrs: dims, inputs: [x], outputs: [out] }) => ({
      launches: [{
        shader: `softmax/${file}`,
        buffers: [x.memory, out.memory],
        params: dims,
        grid: linearGrid(threads(dims)),
      }],
    }),
  };
}

/** The engine's shader, whatever this adapter would choose by itself. */
function production(title: string, lanes: Lanes): GpuRung {
  return {
    kind: "webgpu",
    file: "shaders/softmax.wgsl",
    title,
    plan: ({ attrs: [rows, n], inputs: [x], outputs: [out] }) => ({
      launches: [{
        shader: "softmax",
        constants: { OP: 0, ...lanesConstants(lanes) },
        buffers: [x.memory, out.memory],
        params: [rows, n],
        grid: rowGrid(rows, lanes),
      }],
    }),
  };
}

export const softmaxLadder: Ladder = {
  name: "softmax",
  dims: "ROWSxN",
  sizes: {
    cpu: [2048, 1024],
    gpu: [16384, 1024],
    software: [256, 256],
    tests: [[1, 1], [3, 5], [65, 67], [5, 1030]],
  },
  shapes: ([rows, n]) => [[rows, n]],
  output: ([rows, n]) => [rows, n],
  // A subtraction, an exponential (counted as one), an addition and a multiplication each.
  flops: ([rows, n]) => 4 * rows * n,
  bytes: ([rows, n]) => bytesOf([rows, n], [rows, n]),
  expected: softmaxAt,
  rungs: [
    cpu(`${HERE}/01_naive.ts`, "three loops", "softmaxNaive"),
    cpu(`${HERE}/02_online.ts`, "maximum and sum in one", "softmaxOnline"),
    cpu("engine/cpu/kernels/softmax.ts", "four exponentials at once: ours", "softmax"),
    plainGpu("01_naive", "a thread a row, three loops", ([rows]) => rows),
    plainGpu("02_online", "a thread a row, maximum and sum in one", ([rows]) => rows),
    production("a thread a row: ours for short rows, and on software adapters up to 1,024", 1),
    production("a workgroup a row: ours for long rows", 64),
    {
      ...plainGpu("10_subgroups", "a subgroup a row", ([rows]) => 32 * rows),
      beyond: true,
      lacks: ({ subgroups }) => subgroups ? null : "subgroups",
    },
  ],
};
