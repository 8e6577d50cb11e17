/**
 * Elementwise arithmetic: one table row an op, NumPy broadcasting for two operands. Broadcasting is
 * planned on the host: adjacent dimensions are merged until an inner run remains along which each
 * operand steps by 0 or 1, and the kernels only ever see that.
 */
import { type CpuLaunch, type GpuLaunch, linearGrid, type Param } from "../backend.ts";
import { type Call, defineOp, type Op, type OpSpec, type TensorSpec } from "../op.ts";
import { broadcastShapes, broadcastStrides, type Shape } from "../shape.ts";
import { Tensor } from "../tensor.ts";
import { full } from "./create.ts";

type None = Record<string, never>;
const NONE: None = {};
/** A tensor, or a number that stands for a scalar tensor. */
export type Operand = Tensor | number;

/** In the order of the shader's and the kernels' own switches. */
const UNARY = [
  "neg",
  "exp",
  "log",
  "sqrt",
  "tanh",
  "sigmoid",
  "relu",
  "gelu",
  "square",
  "abs",
  "reciprocal",
] as const;
const BINARY = [
  "add",
  "sub",
  "mul",
  "div",
  "maximum",
  "minimum",
  "greater",
  "equal",
  "reluGrad",
  "geluGrad",
  "tanhGrad",
  "sigmoidGrad",
] as const;

type UnaryName = typeof UNARY[number];
type BinaryName = typeof BINARY[number];
type Extra = Pick<OpSpec<None>, "save" | "backward">;

function defineUnary(name: UnaryName, extra: Extra): Op<None> {
  return defineOp<None>({
    name,
    infer: ([x]) => [floatSpec(name, x)],
    cpu: ({ inputs: [x], outputs: [out] }) => [
      { kernel: name, buffers: [x.memory, out.memory], params: [], items: out.size },
    ],
    gpu: ({ inputs: [x], outputs: [out] }) => [{
      shader: "unary",
      constants: { OP: UNARY.indexOf(name) },
      buffers: [x.memory, out.memory],
      params: [out.size],
      grid: linearGrid(out.size),
    }],
    ...extra,
  });
}

function defineBinary(name: BinaryName, extra: Extra): Op<None> {
  return defineOp<None>({
    name,
    infer: ([a, b]) => [{
      shape: broadcastShapes(name, floatSpec(name, a).shape, floatSpec(name, b).shape),
      dtype: "f32",
    }],
    cpu: (call) => [cpuBinary(name, call)],
    gpu: (call) => [gpuBinary(name, call)],
    ...extra,
  });
}

function floatSpec(name: string, spec: TensorSpec): TensorSpec {
  if (spec.dtype !== "f32") throw new Error(`${name}: needs f32, got ${spec.dtype}`);
  return { shape: spec.shape, dtype: "f32" };
}

/** How to walk two broadcast operands: an inner run, and outer dimensions innermost first. */
interface BroadcastPlan {
  readonly inner: number;
  readonly stepA: number;
  readonly stepB: number;
  readonly outer: readonly { size: number; strideA: number; strideB: number }[];
}

/** Merges dimensions wherever both operands walk across them evenly. */
function planBroadcast(a: Shape, b: Shape, out: Shape): BroadcastPlan {
  const sa = broadcastStrides(a, out);
  const sb = broadcastStrides(b, out);
  const dims: { size: number; strideA: number; strideB: number }[] = [];
  for (let i = out.length - 1; i >= 0; i--) {
    if (out[i] === 1) continue;
    const last = dims.at(-1);
    if (last && sa[i] === last.strideA * last.size && sb[i] === last.strideB * last.size) {
      last.size *= out[i];
    } else dims.push({ size: out[i], strideA: sa[i], strideB: sb[i] });
  }
  const [inner = { size: 1, strideA: 0, strideB: 0 }, ...outer] = dims;
  return { inner: inner.size, stepA: inner.strideA, stepB: inner.strideB, outer };
}

function cpuBinary(kernel: string, { inputs: [a, b], outputs: [out] }: Call<None>): CpuLaunch {
  const plan = planBroadcast(a.shape, b.shape, out.shape);
  const params: Param[] = [plan.inner, plan.stepA, plan.stepB, plan.outer.length];
  for (const d of plan.outer) params.push(d.size, d.strideA, d.strideB);
  return { kernel, buffers: [a.memory, b.memory, out.memory], params, items: out.size };
}

const MAX_OUTER = 6;

function gpuBinary(name: BinaryName, { inputs: [a, b], outputs: [out] }: Call<None>): GpuLaunch {
  const plan = planBroadcast(a.shape, b.shape, out.shape);
  if (plan.outer.length > MAX_OUTER) throw new Error(`${name}: rank too high to broadcast`);
  const params: Param[] = [out.size, plan.inner, plan.stepA, plan.stepB];
  for (let i = 0; i < MAX_OUTER; i++) {
    const d = plan.outer[i];
    params.push(d?.size ?? 1, d?.strideA ?? 0, d?.strideB ?? 0, 0);
  }
  params.push(plan.outer.length);
  return {
    shader: "binary",
    constants: { OP: BINARY.indexOf(name) },
    buffers: [a.memory, b.memory, out.memory],
    params,
    grid: linearGrid(out.size),
  };
}

const ops: Record<UnaryName | BinaryName, Op<None>> = {
  neg: defineUnary("neg", { backward: ([g]) => [neg(g!)] }),
  exp: defineUnary("exp", {
    save: { outputs: [0] },
    backward: ([g], c) => [mul(g!, c.output(0))],
  }),
  log: defineUnary("log", {
    save: { inputs: [0] },
    backward: ([g], c) => [div(g!, c.input(0))],
  }),
  sqrt: defineUnary("sqrt", {
    save: { outputs: [0] },
    backward: ([g], c) => [div(mul(g!, 0.5), c.output(0))],
  }),
  tanh: defineUnary("tanh", {
    save: { outputs: [0] },
    backward: ([g], c) => ops.tanhGrad.apply([g!, c.output(0)], NONE),
  }),
  sigmoid: defineUnary("sigmoid", {
    save: { outputs: [0] },
    backward: ([g], c) => ops.sigmoidGrad.apply([g!, c.output(0)], NONE),
  }),
  relu: defineUnary("relu", {
    save: { outputs: [0] },
    backward: ([g], c) => ops.reluGrad.apply([g!, c.output(0)], NONE),
  }),
  gelu: defineUnary("gelu", {
    save: { inputs: [0] },
    backward: ([g], c) => ops.geluGrad.apply([g!, c.input(0)], NONE),
  }),
  square: defineUnary("square", {
    save: { inputs: [0] },
    backward: ([g], c) => [mul(mul(g!, 2), c.input(0))],
  }),
  abs: defineUnary("abs", {
    save: { inputs: [0] },
    backward: ([g], c) => [
      mul(g!, sub(greater(c.input(0), 0), greater(neg(c.input(0)), 0))),
    ],
  }),
  reciprocal: defineUnary("reciprocal", {
    save: { outputs: [0] },
    backward: ([g], c) => [neg(mul(g!, square(c.output(0))))],
  }),

  add: defineBinary("add", { backward: ([g]) => [g, g] }),
  sub: defineBinary("sub", { backward: ([g], c) => [g, c.wants(1) ? neg(g!) : null] }),
  mul: defineBinary("mul", {
    save: { inputs: [0, 1] },
    backward: ([g], c) => [
      c.wants(0) ? mul(g!, c.input(1)) : null,
      c.wants(1) ? mul(g!, c.input(0)) : null,
    ],
  }),
  div: defineBinary("div", {
    save: { inputs: [1], outputs: [0] },
    backward: ([g], c) => {
      const ga = div(g!, c.input(1)); // ∂(a/b)/∂b = −(a/b)/b
      return [ga, c.wants(1) ? neg(mul(ga, c.output(0))) : null];
    },
  }),
  // At a tie each operand gets half, as PyTorch does.
  maximum: defineBinary("maximum", {
    save: { inputs: [0, 1] },
    backward: ([g], c) => shareByOrder(g!, c.input(0), c.input(1)),
  }),
  minimum: defineBinary("minimum", {
    save: { inputs: [0, 1] },
    backward: ([g], c) => shareByOrder(g!, c.input(1), c.input(0)),
  }),
  greater: defineBinary("greater", { backward: null }),
  equal: defineBinary("equal", { backward: null }),
  reluGrad: defineBinary("reluGrad", { backward: null }),
  geluGrad: defineBinary("geluGrad", { backward: null }),
  tanhGrad: defineBinary("tanhGrad", { backward: null }),
  sigmoidGrad: defineBinary("sigmoidGrad", { backward: null }),
};

function shareByOrder(g: Tensor, large: Tensor, small: Tensor): Tensor[] {
  const toLarge = add(greater(large, small), mul(equal(large, small), 0.5));
  return [mul(g, toLarge), mul(g, sub(1, toLarge))];
}

function one(op: Op<None>, x: Tensor): Tensor {
  return op.apply([x], NONE)[0];
}

function two(op: Op<None>, a: Operand, b: Operand): Tensor {
  const device = (a instanceof Tensor ? a : b as Tensor).device;
  const lift = (o: Operand) => o instanceof Tensor ? o : full(device, [], o);
  return op.apply([lift(a), lift(b)], NONE)[0];
}

/** −x. */
export const neg = (x: Tensor): Tensor => one(ops.neg, x);
/** eˣ. */
export const exp = (x: Tensor): Tensor => one(ops.exp, x);
/** Natural logarithm; −∞ at 0, NaN below. */
export const log = (x: Tensor): Tensor => one(ops.log, x);
/** √x; NaN below 0. */
export const sqrt = (x: Tensor): Tensor => one(ops.sqrt, x);
/** Hyperbolic tangent. */
export const tanh = (x: Tensor): Tensor => one(ops.tanh, x);
/** 1 / (1 + e⁻ˣ). */
export const sigmoid = (x: Tensor): Tensor => one(ops.sigmoid, x);
/** max(x, 0); NaN stays NaN. */
export const relu = (x: Tensor): Tensor => one(ops.relu, x);
/** x Φ(x) with the exact normal distribution, PyTorch's default GELU. */
export const gelu = (x: Tensor): Tensor => one(ops.gelu, x);
/** x². */
export const square = (x: Tensor): Tensor => one(ops.square, x);
/** |x|; its gradient at 0 is 0. */
export const abs = (x: Tensor): Tensor => one(ops.abs, x);
/** 1 / x. */
export const reciprocal = (x: Tensor): Tensor => one(ops.reciprocal, x);

/** a + b, broadcast. */
export const add = (a: Operand, b: Operand): Tensor => two(ops.add, a, b);
/** a − b, broadcast. */
export const sub = (a: Operand, b: Operand): Tensor => two(ops.sub, a, b);
/** a · b elementwise, broadcast. */
export const mul = (a: Operand, b: Operand): Tensor => two(ops.mul, a, b);
/** a / b, broadcast. */
export const div = (a: Operand, b: Operand): Tensor => two(ops.div, a, b);
/** Larger of a and b, broadcast. */
export const maximum = (a: Operand, b: Operand): Tensor => two(ops.maximum, a, b);
/** Smaller of a and b, broadcast. */
export const minimum = (a: Operand, b: Operand): Tensor => two(ops.minimum, a, b);
/** 1 where a > b, else 0. No gradient. */
export const greater = (a: Operand, b: Operand): Tensor => two(ops.greater, a, b);
/** 1 where a = b, else 0. No gradient. */
export const equal = (a: Operand, b: Operand): Tensor => two(ops.equal, a, b);
/** g where y > 0, else 0: the gradient of a ReLU whose output was y. No gradient. */
export const reluGrad = (g: Tensor, y: Tensor): Tensor => ops.reluGrad.apply([g, y], NONE)[0];
