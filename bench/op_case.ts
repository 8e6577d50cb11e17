/** The common shape of a kernel's cases: random inputs, one op or a chain of them, maybe its gradients. */
import { backward } from "../engine/autograd.ts";
import { cast } from "../engine/ops/cast.ts";
import { normal } from "../engine/ops/random_ops.ts";
import { Random } from "../engine/random.ts";
import { type Shape, sizeOf } from "../engine/shape.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { BenchCase } from "./case.ts";
import type { Values } from "./expected.ts";
import type { ExpectedGradient } from "./expected_gradients.ts";
import { sampledError } from "./sampled_error.ts";
import type { Check, Extent } from "./sizes.ts";

/** A kernel's cases. */
export interface Family {
  readonly name: string;
  /** What `--size` is made of, `MxKxN`; left out where the cases have no size of their own. */
  readonly dims?: string;
  /** What `--size` must be besides; left out where any will do. */
  readonly check?: Check;
  /** Cases from the project's own models, and what other programs are measured on. */
  cases(extent: Extent): readonly BenchCase[];
  /** Powers of two. */
  readonly sweep?: readonly (readonly number[])[];
  /** Cases of one size; none on a device that has no part in it. */
  at?(dims: readonly number[], extent: Extent): readonly BenchCase[];
}

export interface OpCase {
  readonly name: string;
  readonly size: string;
  readonly variant?: string;
  readonly flops?: number;
  readonly bytes?: number;
  /** Shapes of the inputs, filled with normal numbers. */
  readonly shapes: readonly Shape[];
  /** Inputs that are cast to f16 before the clock runs; default none. */
  readonly half?: readonly number[];
  readonly run: (inputs: readonly Tensor[]) => Tensor;
  /** Inputs whose gradients are computed as well; default none. */
  readonly gradients?: readonly number[];
  /** Element `i` of the result in float64. */
  readonly expected?: (inputs: Values, i: number) => number;
  /** Of the gradients, in their order. */
  readonly expectedGradients?: readonly ExpectedGradient[];
  /** The elements of gradients that are held against those; default some spread over each. */
  readonly elements?: readonly number[];
  /** The result is drawn anew each time: nothing is expected of it. */
  readonly random?: boolean;
}

export function opCase(c: OpCase): BenchCase {
  const { name, size, variant, flops, bytes, random: drawn, shapes, run } = c;
  const { gradients = [], half = [], expected, expectedGradients, elements } = c;
  return {
    name,
    size,
    variant,
    flops,
    bytes,
    random: drawn,
    prepare(device) {
      const random = Random.of(1, name);
      const inputs = shapes.map((shape, i) => {
        const values = () => normal(device, shape, random);
        return device.keep(half.includes(i) ? device.scope(() => cast(values(), "f16")) : values());
      });
      const leaves = gradients.map((i) => inputs[i]);
      for (const t of leaves) t.requiresGrad = true;
      let seed: Tensor | undefined;
      const withGradients = () => {
        const out = run(inputs);
        if (leaves.length === 0) return out;
        seed ??= device.keep(normal(device, out.shape, random));
        backward(out, seed);
        return out;
      };
      const clear = () => {
        for (const t of leaves) {
          t.grad?.dispose();
          t.grad = null;
        }
      };
      const error = async () => {
        const values = await Promise.all(inputs.map((t) => t.data()));
        using out = device.scope(withGradients);
        const actual = await out.data();
        let worst = expected ? sampledError(actual, (i) => expected(values, i)) : 0;
        const g = await seed?.data() ?? [];
        for (const [place, right] of (expectedGradients ?? []).entries()) {
          const found = await leaves[place].grad!.data();
          worst = Math.max(worst, sampledError(found, (i) => right(values, g, i), elements));
        }
        clear();
        return worst;
      };
      return {
        run() {
          withGradients();
          clear();
        },
        error: expected || expectedGradients ? error : undefined,
        dispose() {
          for (const t of [...inputs, ...(seed ? [seed] : [])]) t.dispose();
        },
      };
    },
  };
}

/** Bytes of tensors of 32-bit numbers. */
export function bytesOf(...shapes: readonly Shape[]): number {
  return shapes.reduce((sum, shape) => sum + 4 * sizeOf(shape), 0);
}

/** `64x16x64x64`. */
export function sizeText(dims: readonly number[]): string {
  return dims.join("x");
}
