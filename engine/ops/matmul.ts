/**
 * Matrix products, batched, either side transposed in place, with bias and ReLU folded into the
 * product. Gradients are matrix products again.
 */
import { type CpuLaunch, type GpuLaunch, linearGrid, type Param } from "../backend.ts";
import type { CpuCaps } from "../backend.ts";
import { type BackwardContext, type Call, defineOp, type Op, type TensorSpec } from "../op.ts";
import { broadcastShapes, broadcastStrides, formatShape, type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { reluGrad } from "./elementwise.ts";
import { reshape } from "./movement.ts";
import { sum } from "./reduce.ts";

export interface MatmulOptions {
  /** Read the last two axes of `a` as swapped: `a` is [.., K, M]. */
  readonly transposeA?: boolean;
  /** Read the last two axes of `b` as swapped: `b` is [.., N, K]. */
  readonly transposeB?: boolean;
  /** [N], added to every row. */
  readonly bias?: Tensor;
  /** Clip the result below at 0. */
  readonly relu?: boolean;
}

interface MatmulAttrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

interface Plan {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly batch: Shape;
  /** Batch axes as kernels walk them, innermost first: size, stride in `a` and in `b` (matrices). */
  readonly axes: readonly { size: number; a: number; b: number }[];
}

const MAX_BATCH_AXES = 4;

function planMatmul(a: Shape, b: Shape, { transposeA, transposeB }: MatmulAttrs): Plan {
  if (a.length < 2 || b.length < 2) {
    throw new Error(`matmul: needs matrices, got ${formatShape(a)} and ${formatShape(b)}`);
  }
  const [aRows, aColumns] = a.slice(-2);
  const [bRows, bColumns] = b.slice(-2);
  const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [inner, n] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
  if (k !== inner) {
    const flags = `${transposeA ? ", first transposed" : ""}${
      transposeB ? ", second transposed" : ""
    }`;
    throw new Error(
      `matmul: inner dimensions differ (${formatShape(a)} and ${formatShape(b)}${flags})`,
    );
  }
  const batchA = a.slice(0, -2);
  const batchB = b.slice(0, -2);
  const batch = broadcastShapes("matmul", batchA, batchB);
  const stridesA = broadcastStrides(batchA, batch);
  const stridesB = broadcastStrides(batchB, batch);
  const axes = batch
    .map((size, i) => ({ size, a: stridesA[i], b: stridesB[i] }))
    .filter(({ size }) => size !== 1).reverse();
  if (axes.length > MAX_BATCH_AXES) {
    throw new Error(`matmul: more than ${MAX_BATCH_AXES} batch axes (${formatShape(batch)})`);
  }
  return { m, k, n, batch, axes };
}

function defineMatmul(name: string, relu: boolean): Op<MatmulAttrs> {
  return defineOp<MatmulAttrs>({
    name,
    infer: ([a, b, bias], attrs) => {
      const { m, n, batch } = planMatmul(a.shape, b.shape, attrs);
      checkBias(bias, n);
      return [{ shape: [...batch, m, n], dtype: "f32" }];
    },
    cpu: (call, caps) => cpuMatmul(call, caps, relu),
    gpu: (call) => [gpuMatmul(call, relu)],
    save: { inputs: [0, 1], outputs: relu ? [0] : [] },
    backward: ([g], c) => matmulGradients(relu ? reluGrad(g!, c.output(0)) : g!, c),
  });
}

function checkBias(bias: TensorSpec | undefined, n: number): void {
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== n)) {
    throw new Error(`matmul: the bias must be ${n}, got ${formatShape(bias.shape)}`);
  }
}

const matmulOp = defineMatmul("matmul", false);
const matmulReluOp = defineMatmul("matmulRelu", true);

/**
 * [.., M, K] × [.., K, N] → [.., M, N]; leading axes broadcast. Options transpose either side
 * without a copy and fold a bias and a ReLU into the product.
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false, bias, relu = false } = options;
  const op = relu ? matmulReluOp : matmulOp;
  const rest = bias ? [b, bias] : [b];
  // One tall matrix instead of a batch: rows of all matrices meet the same b.
  if (b.rank === 2 && a.rank > 2 && !transposeA) {
    const rows = reshape(a, [sizeOf(a.shape.slice(0, -1)), a.shape[a.rank - 1]]);
    const [out] = op.apply([rows, ...rest], { transposeA, transposeB });
    return reshape(out, [...a.shape.slice(0, -1), out.shape[1]]);
  }
  return op.apply([a, ...rest], { transposeA, transposeB })[0];
}

function matmulGradients(g: Tensor, c: BackwardContext<MatmulAttrs>): (Tensor | null)[] {
  const { transposeA, transposeB } = c.attrs;
  const grads: (Tensor | null)[] = [null, null];
  if (c.wants(0)) {
    grads[0] = transposeA
      ? matmul(c.input(1), g, { transposeA: transposeB, transposeB: true })
      : matmul(g, c.input(1), { transposeB: !transposeB });
  }
  if (c.wants(1)) {
    grads[1] = transposeB
      ? matmul(g, c.input(0), { transposeA: true, transposeB: transposeA })
      : matmul(c.input(0), g, { transposeA: !transposeA });
  }
  if (c.inputSpecs.length > 2) {
    const axes = g.shape.slice(0, -1).map((_, i) => i);
    grads.push(c.wants(2) ? sum(g, { axes }) : null);
  }
  return grads;
}

/** Slice of k a pass, as the kernel has it. */
const DEPTH = 256;

/**
 * Blocks of C a matrix is cut into: at most 64 panels of 6 rows (their slice of A stays in the
 * second cache) by 16 panels of 16 columns, and enough of them for threads to share.
 */
function planBlocks(m: number, n: number, matrices: number): { rows: number; columns: number } {
  const rowPanels = Math.ceil(m / 6);
  const columnPanels = Math.ceil(n / 16);
  let rows = Math.ceil(rowPanels / 64);
  let columns = Math.ceil(columnPanels / 16);
  while (rows * columns * matrices < 8) {
    const high = rowPanels / rows * 6;
    const wide = columnPanels / columns * 16;
    if (wide >= high && wide > 48) columns = Math.min(columns * 2, columnPanels);
    else if (high > 48) rows = Math.min(rows * 2, rowPanels);
    else break;
  }
  return { rows, columns };
}

function cpuMatmul(call: Call<MatmulAttrs>, caps: CpuCaps, relu: boolean): CpuLaunch[] {
  const { inputs: [a, b, bias], outputs: [out], attrs } = call;
  const { m, k, n, batch, axes } = planMatmul(a.shape, b.shape, attrs);
  const matricesA = sizeOf(a.shape.slice(0, -2));
  const matrices = sizeOf(batch);
  const panels = Math.ceil(m / 6);
  const packed = call.scratch(matricesA * panels * 6 * k);
  const blocks = planBlocks(m, n, matrices);
  const widest = Math.ceil(Math.ceil(n / 16) / blocks.columns);
  const perThread = DEPTH + 16 + 96 + widest * DEPTH * 16;
  const batchParams: Param[] = axes.flatMap(({ size, a, b }) => [size, a, b]);
  return [{
    kernel: "matmulPack",
    buffers: [a.memory, packed],
    params: [m, k, panels, ...(attrs.transposeA ? [1, m] : [k, 1])],
    items: matricesA * panels,
  }, {
    kernel: "matmul",
    buffers: [
      packed,
      b.memory,
      out.memory,
      call.scratch(perThread * caps.threads),
      (bias ?? out).memory,
    ],
    params: [
      m,
      k,
      n,
      blocks.rows,
      blocks.columns,
      attrs.transposeB ? 1 : 0,
      bias ? 1 : 0,
      relu ? 1 : 0,
      perThread,
      axes.length,
      ...batchParams,
    ],
    items: matrices * blocks.rows * blocks.columns,
    grain: 1,
  }];
}

function gpuMatmul(call: Call<MatmulAttrs>, relu: boolean): GpuLaunch {
  const { inputs: [a, b, bias], outputs: [out], attrs } = call;
  const { m, k, n, axes } = planMatmul(a.shape, b.shape, attrs);
  const batchParams: Param[] = [];
  for (let i = 0; i < MAX_BATCH_AXES; i++) {
    batchParams.push(axes[i]?.size ?? 1, axes[i]?.a ?? 0, axes[i]?.b ?? 0, 0);
  }
  return {
    shader: "matmul",
    constants: {
      TRANSPOSE_A: Number(attrs.transposeA),
      TRANSPOSE_B: Number(attrs.transposeB),
      BIAS: Number(bias !== undefined),
      RELU: Number(relu),
    },
    // A binding must be filled and may not alias the output: without a bias, b stands in unread.
    buffers: [a.memory, b.memory, (bias ?? b).memory, out.memory],
    params: [m, k, n, out.size, ...batchParams],
    grid: linearGrid(out.size),
  };
}
