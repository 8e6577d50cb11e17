/**
 * Is a gradient right? `gradcheck` holds what `backward` finds against differences of the forward
 * pass. Outputs are f32, so the difference quotient loses digits to rounding as its step shrinks and
 * to curvature as it grows; the five-point stencil, whose error falls with h⁴, leaves a step at which
 * both are about 1e-5 of the gradient. Only kinks (ReLU at 0, a maximum's tie) within two steps of an
 * input break it.
 */
import { backward } from "./autograd.ts";
import type { Random } from "./random.ts";
import type { Tensor } from "./tensor.ts";

/** How `gradcheck` measures. */
export interface GradcheckOptions {
  /** The weights w that make the output one number, Σ w·output, come from here. */
  readonly random: Random;
  /** Step of the differences; default 1e-2. */
  readonly step?: number;
}

/** One partial derivative, found in both ways. */
export interface GradientRow {
  /** Which input, and which of its elements. */
  readonly input: number;
  /** Row-major place in that input. */
  readonly element: number;
  /** By `backward`. */
  readonly analytic: number;
  /** By differences of the forward pass. */
  readonly numeric: number;
  /** |analytic − numeric| over the largest derivative of all inputs. */
  readonly error: number;
}

/** Where the five-point stencil looks, in steps, and how much it takes of each: −f(2)+8f(1)−8f(−1)+f(−2). */
const STENCIL = [[2, -1 / 12], [1, 8 / 12], [-1, -8 / 12], [-2, 1 / 12]] as const;

/**
 * Every partial derivative of Σ w·f(inputs) with respect to the inputs that require a gradient, by
 * `backward` and by differences. `f` must be a function of its inputs alone: a random op in it draws
 * from a stream it makes anew. Runs `f` four times an element; inputs are left as they were.
 */
export async function gradcheck(
  f: (inputs: readonly Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  { random, step = 1e-2 }: GradcheckOptions,
): Promise<GradientRow[]> {
  const { device } = inputs[0];
  const output = device.scope(() => device.noGrad(() => f(inputs)));
  const weights = Float32Array.from({ length: output.size }, () => random.nextU32() / 2 ** 31 - 1);
  output.dispose();
  device.scope(() => {
    const y = f(inputs);
    backward(y, device.tensor(weights, y.shape));
  });
  const pairs: Omit<GradientRow, "error">[] = [];
  for (const [input, x] of inputs.entries()) {
    if (!x.requiresGrad) continue;
    const analytic = await takeGradient(x);
    const numeric = await differences(x, step, () => weighted(f, inputs, weights));
    analytic.forEach((a, element) => {
      pairs.push({ input, element, analytic: a, numeric: numeric[element] });
    });
  }
  // A gradient far smaller than its neighbours is known to no more digits than they are.
  const scale = pairs.reduce(
    (m, { analytic, numeric }) => Math.max(m, Math.abs(analytic), Math.abs(numeric)),
    Number.MIN_VALUE,
  );
  return pairs.map((p) => ({ ...p, error: Math.abs(p.analytic - p.numeric) / scale }));
}

/** The gradient of a leaf, zeros where none arrived, taken off it. */
async function takeGradient(x: Tensor): Promise<Float32Array> {
  const values = x.grad ? await x.grad.data() as Float32Array : new Float32Array(x.size);
  x.grad?.dispose();
  x.grad = null;
  return values;
}

/** Σ w·f(inputs), added up on the host in f64. */
async function weighted(
  f: (inputs: readonly Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  weights: Float32Array,
): Promise<number> {
  const { device } = inputs[0];
  using output = device.scope(() => device.noGrad(() => f(inputs)));
  const values = await output.data();
  return weights.reduce((total, w, i) => total + w * values[i], 0);
}

/** The derivative of `loss` by each element of x. */
async function differences(
  x: Tensor,
  step: number,
  loss: () => Promise<number>,
): Promise<Float64Array> {
  const values = await x.data() as Float32Array;
  const slopes = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const at = values[i];
    for (const [steps, weight] of STENCIL) {
      values[i] = at + steps * step;
      x.write(values);
      slopes[i] += weight * await loss() / step;
    }
    values[i] = at;
  }
  x.write(values);
  return slopes;
}
