/**
 * What gradients are right, in float64: element `i` of the gradient of one of a kernel's inputs, from the values of
 * all of them and the gradient `g` of the result. Those of norms and of attention stand beside their results.
 */
import { convInputAt, convWeightAt, normalCdf, softmaxOf, type Values } from "./expected.ts";

/** Element `i` of the gradient of one input. */
export type ExpectedGradient = (inputs: Values, g: ArrayLike<number>, i: number) => number;

/** Softmax of rows of `n`, by x: y (g − Σ g y). */
export function softmaxGradient(n: number): ExpectedGradient {
  return ([x], g, i) => {
    const from = Math.floor(i / n) * n;
    const y = softmaxOf(x, from, n);
    let mixed = 0;
    for (let j = 0; j < n; j++) mixed += g[from + j] * y[j];
    return y[i - from] * (g[i] - mixed);
  };
}

/** GELU, by x: g (Φ + x φ). */
export const geluGradient: ExpectedGradient = ([x], g, i) => {
  const density = Math.exp(-(x[i] ** 2) / 2) / Math.sqrt(2 * Math.PI);
  return g[i] * (normalCdf(x[i]) + x[i] * density);
};

/** The 3×3 convolution of `convAt`, by x, weights and bias; dims as there. */
export function convGradients(dims: readonly number[]): readonly ExpectedGradient[] {
  const [batch, , height, width, outputs] = dims;
  return [
    ([, w], g, i) => convInputAt([g, w], dims, i),
    ([x], g, i) => convWeightAt([x, g], dims, i),
    (_, g, output) => {
      let total = 0;
      const plane = height * width;
      for (let image = 0; image < batch; image++) {
        const from = (image * outputs + output) * plane;
        for (let j = 0; j < plane; j++) total += g[from + j];
      }
      return total;
    },
  ];
}
