/**
 * The gradients of attention by q, k and v, in float64, all of [B, T, heads · D]. An element needs every query of
 * its head with every key, so that one head is checked: the last of the last clip.
 */
import type { Values } from "./expected.ts";
import type { ExpectedGradient } from "./expected_gradients.ts";

type Dims = readonly number[];

const SAMPLES = 64;

/** The elements that are checked, spread over times and channels of that head. */
export function attentionElements([B, T, heads, D]: Dims): number[] {
  return Array.from({ length: SAMPLES }, (_, s) => {
    const t = Math.floor((s + 0.5) / SAMPLES * T);
    return elementOf({ T, heads, D }, { head: B * heads - 1, t, d: s * 7 % D });
  });
}

interface Sizes {
  readonly T: number;
  readonly heads: number;
  readonly D: number;
}

/** `head` counts the heads of all clips. */
function elementOf(
  { T, heads, D }: Sizes,
  { head, t, d }: { readonly head: number; readonly t: number; readonly d: number },
): number {
  return ((Math.floor(head / heads) * T + t) * heads + head % heads) * D + d;
}

/** What a head's queries have in common with all keys: a maximum and a sum of each, and Σ p dP. */
interface Head {
  readonly largest: Float64Array;
  readonly total: Float64Array;
  readonly mixed: Float64Array;
}

/** By q, k and v. */
export function attentionGradients([, T, heads, D]: Dims): readonly ExpectedGradient[] {
  const sizes = { T, heads, D };
  let last: { g: ArrayLike<number>; head: number; found: Head } | undefined;

  const dot = (a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number) => {
    let total = 0;
    for (let d = 0; d < D; d++) total += a[i + d] * b[j + d];
    return total;
  };

  function headOf([q, k, v]: Values, g: ArrayLike<number>, head: number): Head {
    const row = (t: number) => elementOf(sizes, { head, t, d: 0 });
    const [largest, total, mixed] = [0, 0, 0].map(() => new Float64Array(T));
    const scores = new Float64Array(T);
    for (let i = 0; i < T; i++) {
      for (let j = 0; j < T; j++) scores[j] = dot(q, row(i), k, row(j)) / Math.sqrt(D);
      largest[i] = scores.reduce((a, b) => Math.max(a, b), -Infinity);
      for (let j = 0; j < T; j++) {
        const p = Math.exp(scores[j] - largest[i]);
        total[i] += p;
        mixed[i] += p * dot(g, row(i), v, row(j));
      }
      mixed[i] /= total[i];
    }
    return { largest, total, mixed };
  }

  /** Probability of key `j` for query `i`, and the gradient of its score. */
  function pairOf(inputs: Values, g: ArrayLike<number>, head: number) {
    if (last?.g !== g || last.head !== head) last = { g, head, found: headOf(inputs, g, head) };
    const { found } = last;
    const [q, k, v] = inputs;
    const row = (t: number) => elementOf(sizes, { head, t, d: 0 });
    return (i: number, j: number) => {
      const score = dot(q, row(i), k, row(j)) / Math.sqrt(D);
      const p = Math.exp(score - found.largest[i]) / found.total[i];
      return { p, ds: p * (dot(g, row(i), v, row(j)) - found.mixed[i]) };
    };
  }

  /** Sum over the other side, queries or keys, of a pair's value times the other's element. */
  function mix(
    [inputs, g, i]: Parameters<ExpectedGradient>,
    term: (pair: ReturnType<typeof pairOf>, own: number, other: number) => number,
    values: ArrayLike<number>,
  ): number {
    const d = i % D, t = Math.floor(i / D / heads) % T;
    const head = Math.floor(i / D / heads / T) * heads + Math.floor(i / D) % heads;
    const pair = pairOf(inputs, g, head);
    let total = 0;
    for (let other = 0; other < T; other++) {
      total += term(pair, t, other) * values[elementOf(sizes, { head, t: other, d })];
    }
    return total;
  }

  return [
    (...call) => mix(call, (pair, query, key) => pair(query, key).ds, call[0][1]) / Math.sqrt(D),
    (...call) => mix(call, (pair, key, query) => pair(query, key).ds, call[0][0]) / Math.sqrt(D),
    (...call) => mix(call, (pair, key, query) => pair(query, key).p, call[1]),
  ];
}
