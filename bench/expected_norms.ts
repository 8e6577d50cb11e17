/**
 * What layer norm and batch norm give, and their gradients, in float64. Both bring values that belong together to
 * mean 0 and variance 1 and then scale and shift them: rows and their columns in one, channels in the other.
 */
import type { Values } from "./expected.ts";
import type { ExpectedGradient } from "./expected_gradients.ts";

/** Elements that belong together. */
interface Grouping {
  /** Of one group. */
  readonly count: number;
  /** The element that is number `j` of a group. */
  element(group: number, j: number): number;
  groupOf(element: number): number;
}

const rowsOf = (n: number): Grouping => ({
  count: n,
  element: (row, j) => row * n + j,
  groupOf: (i) => Math.floor(i / n),
});

const columnsOf = (rows: number, n: number): Grouping => ({
  count: rows,
  element: (column, j) => j * n + column,
  groupOf: (i) => i % n,
});

/** Of [N, C, …] with `inner` elements a channel and image. */
const channelsOf = (batch: number, channels: number, inner: number): Grouping => ({
  count: batch * inner,
  element: (channel, j) => (Math.floor(j / inner) * channels + channel) * inner + j % inner,
  groupOf: (i) => Math.floor(i / inner) % channels,
});

/** [ROWS, N], gamma and beta [N]. */
export const layerNormed = ([rows, n]: readonly number[]) => normed(rowsOf(n), columnsOf(rows, n));

/** [N, C, H, W], gamma and beta [C], by the batch's own statistics. */
export function batchNormed([batch, channels, height, width]: readonly number[]) {
  const grouping = channelsOf(batch, channels, height * width);
  return normed(grouping, grouping);
}

const EPS = 1e-5;

/** The result and the gradients by x, gamma and beta; `inputs` begin with these three. */
function normed(normalised: Grouping, scaled: Grouping) {
  const moments = remembered((x, group) => {
    const { count, element } = normalised;
    let mean = 0, variance = 0;
    for (let j = 0; j < count; j++) mean += x[element(group, j)] / count;
    for (let j = 0; j < count; j++) variance += (x[element(group, j)] - mean) ** 2 / count;
    return { mean, rstd: 1 / Math.sqrt(variance + EPS) };
  });
  const unit = (x: ArrayLike<number>, i: number) => {
    const { mean, rstd } = moments(x, normalised.groupOf(i));
    return (x[i] - mean) * rstd;
  };
  const sumOf = (group: number, value: (i: number) => number) => {
    let total = 0;
    for (let j = 0; j < scaled.count; j++) total += value(scaled.element(group, j));
    return total;
  };
  return {
    at: ([x, gamma, beta]: Values, i: number) => {
      const channel = scaled.groupOf(i);
      return unit(x, i) * gamma[channel] + beta[channel];
    },
    gradients: [byX(), byGamma, byBeta] as const,
  };

  function byX(): ExpectedGradient {
    // Means of the gradient of the normalised values, alone and times those, over a group.
    const means = remembered((g, group, [x, gamma]) => {
      const { count, element } = normalised;
      let plain = 0, mixed = 0;
      for (let j = 0; j < count; j++) {
        const i = element(group, j), own = g[i] * gamma[scaled.groupOf(i)];
        plain += own / count;
        mixed += own * unit(x, i) / count;
      }
      return { plain, mixed };
    });
    return (inputs, g, i) => {
      const [x, gamma] = inputs, group = normalised.groupOf(i);
      const { plain, mixed } = means(g, group, inputs);
      const own = g[i] * gamma[scaled.groupOf(i)];
      return moments(x, group).rstd * (own - plain - unit(x, i) * mixed);
    };
  }

  function byGamma([x]: Values, g: ArrayLike<number>, channel: number): number {
    return sumOf(channel, (i) => g[i] * unit(x, i));
  }

  function byBeta(_: Values, g: ArrayLike<number>, channel: number): number {
    return sumOf(channel, (i) => g[i]);
  }
}

/** What `make` gives for a group of some values, computed once. */
function remembered<R>(
  make: (values: ArrayLike<number>, group: number, inputs: Values) => R,
): (values: ArrayLike<number>, group: number, inputs?: Values) => R {
  const known = new WeakMap<ArrayLike<number>, Map<number, R>>();
  return (values, group, inputs = []) => {
    let groups = known.get(values);
    if (!groups) known.set(values, groups = new Map());
    let found = groups.get(group);
    if (found === undefined) groups.set(group, found = make(values, group, inputs));
    return found;
  };
}
