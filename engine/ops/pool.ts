/** Max and average pooling over the last two axes of [N, C, H, W]. */
import { linearGrid, type Memory } from "../backend.ts";
import { type Arg, type Call, defineOp, type Op, type OpSpec, type TensorSpec } from "../op.ts";
import { formatShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** The window of a pooling, and how it moves. */
export interface PoolOptions {
  /** One number for height and width, or both; so the others. */
  readonly kernel: number | readonly [number, number];
  /** Default: the kernel. */
  readonly stride?: number | readonly [number, number];
  /** At most half the kernel; default 0. */
  readonly padding?: number | readonly [number, number];
}

/** The window of `avgPool2d`. */
export interface AvgPoolOptions extends PoolOptions {
  /** Whether averages near a border divide by the whole window; default true. */
  readonly countIncludePad?: boolean;
}

type Two = readonly [number, number];

interface PoolAttrs {
  readonly kernel: Two;
  readonly stride: Two;
  readonly padding: Two;
  readonly includePad: boolean;
}

/**
 * Largest value of each window: [N, C, H, W] → [N, C, h, w], h = ⌊(H + 2 padding − kernel) / stride⌋ + 1
 * (torch.nn.functional.max_pool2d). The first of equals gets the gradient; NaN wins.
 */
export function maxPool2d(x: Tensor, options: PoolOptions): Tensor {
  return maxOp.apply([x], attrsOf("maxPool2d", x, options))[0];
}

/** Mean of each window, shapes as in `maxPool2d` (torch.nn.functional.avg_pool2d). */
export function avgPool2d(x: Tensor, options: AvgPoolOptions): Tensor {
  return avgOp.apply([x], attrsOf("avgPool2d", x, options))[0];
}

function attrsOf(name: string, x: Tensor, options: AvgPoolOptions): PoolAttrs {
  const kernel = two(options.kernel);
  const stride = two(options.stride ?? kernel);
  const padding = two(options.padding ?? 0);
  if (x.dtype !== "f32") throw new Error(`${name}: needs f32, got ${x.dtype}`);
  if (x.rank !== 4) throw new Error(`${name}: expected N×C×H×W, got ${formatShape(x.shape)}`);
  for (const i of [0, 1]) {
    if (![kernel[i], stride[i]].every((v) => Number.isInteger(v) && v > 0)) {
      throw new Error(`${name}: kernel and stride must be whole and positive`);
    }
    if (!Number.isInteger(padding[i]) || padding[i] < 0 || padding[i] * 2 > kernel[i]) {
      throw new Error(
        `${name}: padding must be from 0 to half the kernel ${kernel[i]}, got ${padding[i]}`,
      );
    }
    if (x.shape[2 + i] + 2 * padding[i] < kernel[i]) {
      throw new Error(
        `${name}: kernel ${kernel.join("×")} is larger than the padded input (${
          formatShape(x.shape)
        }, padding ${padding.join("×")})`,
      );
    }
  }
  return { kernel, stride, padding, includePad: options.countIncludePad ?? true };
}

function two(pair: number | Two): Two {
  return typeof pair === "number" ? [pair, pair] : pair;
}

function pooledShape([N, C, ...size]: Shape, { kernel, stride, padding }: PoolAttrs): number[] {
  const out = size.map((n, i) => Math.floor((n + 2 * padding[i] - kernel[i]) / stride[i]) + 1);
  return [N, C, ...out];
}

/** Parameters after the count: sizes of the large and the small map, then the attributes. */
function paramsOf(large: Shape, small: Shape, attrs: PoolAttrs): number[] {
  const { kernel, stride, padding, includePad } = attrs;
  const sizes = [...large.slice(2), ...small.slice(2)];
  return [...sizes, ...kernel, ...stride, ...padding, Number(includePad)];
}

function definePool(
  name: "maxPool2d" | "avgPool2d",
  entry: "maximum" | "average",
  gradient: Pick<OpSpec<PoolAttrs>, "save" | "backward">,
): Op<PoolAttrs> {
  return defineOp<PoolAttrs>({
    name,
    infer: ([x], attrs) => [{ shape: pooledShape(x.shape, attrs), dtype: "f32" }],
    cpu: ({ inputs: [x], outputs: [y], attrs }) => [{
      kernel: name,
      buffers: [x.memory, y.memory],
      params: paramsOf(x.shape, y.shape, attrs),
      items: x.shape[0] * x.shape[1],
      work: x.shape[2] * x.shape[3],
    }],
    gpu: ({ inputs: [x], outputs: [y], attrs }) => [{
      shader: "pool",
      entry,
      buffers: [x.memory, y.memory],
      params: [y.size, ...paramsOf(x.shape, y.shape, attrs)],
      grid: linearGrid(y.size),
    }],
    ...gradient,
  });
}

const maxOp = definePool("maxPool2d", "maximum", {
  save: { inputs: [0] },
  backward: ([g], c) => maxGradOp.apply([g!, c.input(0)], c.attrs),
});

const avgOp = definePool("avgPool2d", "average", {
  backward: ([g], c) => avgGradOp.apply([g!], { ...c.attrs, shape: c.inputSpecs[0].shape }),
});

/** Inputs dy, x. */
const maxGradOp: Op<PoolAttrs> = defineOp<PoolAttrs>({
  name: "maxPool2dGrad",
  infer: ([, x]): TensorSpec[] => [{ shape: x.shape, dtype: "f32" }],
  cpu: ({ inputs: [dy, x], outputs: [dx], attrs }) => [
    cpuGrad("maxPool2dGrad", [dy.memory, x.memory, dx.memory], dy, dx, attrs),
  ],
  gpu: (call) => [gpuGrad("maximum", call.inputs[1].memory, call)],
  backward: null,
});

/** Input dy. */
const avgGradOp: Op<PoolAttrs & { readonly shape: Shape }> = defineOp({
  name: "avgPool2dGrad",
  infer: (_, { shape }) => [{ shape, dtype: "f32" }],
  cpu: ({ inputs: [dy], outputs: [dx], attrs }) => [
    cpuGrad("avgPool2dGrad", [dy.memory, dx.memory], dy, dx, attrs),
  ],
  // The shader's x is the maximum's alone; any read-only buffer stands in for it.
  gpu: (call) => [gpuGrad("average", call.inputs[0].memory, call)],
  backward: null,
});

function cpuGrad(kernel: string, buffers: Memory[], dy: Arg, dx: Arg, attrs: PoolAttrs) {
  const items = dx.shape[0] * dx.shape[1];
  const work = dx.shape[2] * dx.shape[3];
  return { kernel, buffers, params: paramsOf(dx.shape, dy.shape, attrs), items, work };
}

function gpuGrad(
  entry: string,
  x: Memory,
  { inputs: [dy], outputs: [dx], attrs }: Call<PoolAttrs>,
) {
  return {
    shader: "pool_grad",
    entry,
    buffers: [dy.memory, x, dx.memory],
    params: [dx.size, ...paramsOf(dx.shape, dy.shape, attrs)],
    grid: linearGrid(dx.size),
  };
}
