/**
 * Small seeded random streams for the synthetic voices. A stream is keyed by any list of integers
 * (seed, actor, emotion, …), so a speaker, a habit and a take each draw from their own and no
 * draw depends on the order in which clips are made or on how many Workers make them.
 */

export class RandomStream {
  #state: number;

  constructor(...key: number[]) {
    let state = 0x9e3779b9;
    for (const part of key) state = scramble(state ^ scramble(part | 0)) + 0x6d2b79f5 | 0;
    this.#state = state;
  }

  /** Uniform in [0, 1), 32 bits. */
  uniform(): number {
    this.#state = this.#state + 0x9e3779b9 | 0;
    return (scramble(this.#state) >>> 0) / 0x1_0000_0000;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Near enough normal, mean 0 and deviation 1: the sum of four uniforms, within ±3.5. */
  normal(): number {
    const sum = this.uniform() + this.uniform() + this.uniform() + this.uniform();
    return (sum - 2) * Math.sqrt(3);
  }
}

/** A bijection of 32-bit integers in which every input bit moves about half the output bits. */
function scramble(x: number): number {
  x = Math.imul(x ^ x >>> 16, 0x7feb352d);
  x = Math.imul(x ^ x >>> 15, 0x846ca68b);
  return x ^ x >>> 16;
}
