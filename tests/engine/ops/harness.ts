/**
 * How every op is tested: forward against a float64 reference, gradients against central
 * differences of that reference, both backends against each other. A family of ops gives a list of
 * `OpCase`s; `ops_test.ts` runs them on every backend and fails on an op without a case.
 *
 * Tolerances are relative to the largest magnitude in the result: 1e-5 forward and across backends,
 * 1e-3 for gradients.
 */
import { backward, type Device, type Shape, type Tensor } from "../../../engine/mod.ts";
import { sizeOf } from "../../../engine/shape.ts";

/** A float64 array with a shape: what references compute on. */
export interface Nd {
  readonly shape: Shape;
  readonly data: Float64Array;
}

export interface InputSpec {
  readonly shape: Shape;
  /** Values; default standard normal. Indices are given as an Int32Array. */
  readonly values?: (i: number, random: () => number) => number;
  readonly dtype?: "f32" | "i32";
  /** Default true for f32: this input's gradient is checked. */
  readonly grad?: boolean;
}

export interface OpCase {
  /** Registered ops this case covers. */
  readonly covers: readonly string[];
  /** Behaviour in words. */
  readonly name: string;
  readonly inputs: readonly InputSpec[];
  readonly run: (inputs: Tensor[]) => Tensor;
  readonly reference: (inputs: Nd[]) => Nd;
  /** Looser bound where the arithmetic itself is (say why in the case). */
  readonly tolerance?: number;
  /** A case with no gradient to check. */
  readonly forwardOnly?: boolean;
}

/** Deterministic uniform numbers in [0, 1) (mulberry32). */
export function uniform(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Standard normal numbers by Box and Muller. */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export function nd(shape: Shape, f: (i: number) => number): Nd {
  return { shape, data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => f(i)) };
}

/** Inputs of a case, rounded to f32 so that reference and engine see the very same numbers. */
export function makeInputs(c: OpCase): Nd[] {
  const random = uniform(c.name.length * 7919 + c.inputs.length);
  return c.inputs.map(({ shape, values }) =>
    nd(shape, (i) => Math.fround(values ? values(i, random) : normal(random)))
  );
}

export interface Outcome {
  readonly output: Float32Array;
  readonly shape: Shape;
  /** Gradients of Σ w·output, for each input that has one. */
  readonly grads: (Float32Array | null)[];
}

/** Fixed weights that make any output a scalar: numbers that f16 has, so that no precision rounds them. */
export function lossWeights(n: number): Float32Array {
  const random = uniform(n + 17);
  return Float32Array.from({ length: n }, () => Math.f16round(normal(random)));
}

/** Runs a case on a device: output, and gradients unless it is forward only. */
export async function runCase(c: OpCase, device: Device): Promise<Outcome> {
  const wants = c.inputs.map((s) => !c.forwardOnly && s.dtype !== "i32" && s.grad !== false);
  const leaves = makeInputs(c).map((x, i) => {
    const data = c.inputs[i].dtype === "i32" ? Int32Array.from(x.data) : Float32Array.from(x.data);
    const t = device.tensor(data, x.shape);
    t.requiresGrad = wants[i];
    return t;
  });
  const before = device.liveTensors;
  const output = device.scope(() => {
    const out = c.run(leaves);
    if (wants.some((w) => w)) {
      backward(out, device.tensor(lossWeights(out.size), out.shape));
    }
    return out;
  });
  const outcome = {
    output: await output.data() as Float32Array,
    shape: output.shape,
    grads: await Promise.all(
      leaves.map(async (t) => t.grad ? await t.grad.data() as Float32Array : null),
    ),
  };
  output.dispose();
  for (const t of leaves) {
    t.grad?.dispose();
    t.grad = null;
  }
  if (device.liveTensors !== before) {
    throw new Error(`${c.name}: ${device.liveTensors - before} tensors leaked`);
  }
  for (const t of leaves) t.dispose();
  return outcome;
}

/** Throws where `actual` strays from `expected` by more than `tolerance` of the largest magnitude. */
export function assertClose(
  what: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  if (actual.length !== expected.length) {
    throw new Error(`${what}: ${actual.length} values, expected ${expected.length}`);
  }
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Number.isFinite(expected[i])) scale = Math.max(scale, Math.abs(expected[i]));
  }
  for (let i = 0; i < expected.length; i++) {
    const same = Object.is(actual[i], expected[i]) || actual[i] === expected[i];
    if (same || Math.abs(actual[i] - expected[i]) <= tolerance * scale) continue;
    throw new Error(
      `${what}: element ${i} is ${actual[i]}, expected ${expected[i]} ` +
        `(${
          (Math.abs(actual[i] - expected[i]) / scale).toExponential(1)
        } of the largest, allowed ${tolerance})`,
    );
  }
}

/** Central differences of Σ w·reference at some elements of one input: [element, gradient] pairs. */
export function numericGradient(c: OpCase, input: number, probes = 24): [number, number][] {
  const inputs = makeInputs(c);
  const n = inputs[input].data.length;
  const picks = n <= probes
    ? Array.from({ length: n }, (_, i) => i)
    : Array.from({ length: probes }, (_, k) => Math.floor(k * (n - 1) / (probes - 1)));
  const weights = lossWeights(c.reference(inputs).data.length);
  const loss = () => c.reference(inputs).data.reduce((s, y, i) => s + y * weights[i], 0);
  return picks.map((i) => {
    const x = inputs[input].data;
    const at = x[i];
    const h = 1e-5 * Math.max(1, Math.abs(at));
    x[i] = at + h;
    const up = loss();
    x[i] = at - h;
    const down = loss();
    x[i] = at;
    return [i, (up - down) / (2 * h)];
  });
}
