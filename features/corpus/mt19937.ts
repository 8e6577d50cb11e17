/**
 * NumPy's legacy `RandomState`: the Mersenne Twister MT19937 and, on top of it, the very draws
 * that scikit-learn makes when it splits, shuffles and bootstraps. Given the same seed and the
 * same calls in the same order, every number equals NumPy's.
 *
 * Generator: Matsumoto and Nishimura (1998), seeded by their `init_genrand`.
 */

const SIZE = 624;
const MIDDLE = 397;

export class RandomState {
  readonly #state = new Uint32Array(SIZE);
  #next = SIZE;

  /** @param seed an integer from 0 to 2³² - 1, as NumPy demands */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
      throw new RangeError(`seed: expected an integer from 0 to 4294967295, got ${seed}`);
    }
    const state = this.#state;
    state[0] = seed;
    for (let i = 1; i < SIZE; i++) {
      const previous = state[i - 1]! ^ (state[i - 1]! >>> 30);
      state[i] = Math.imul(previous, 1812433253) + i;
    }
  }

  /** The next raw output, 0 to 2³² - 1. */
  uint32(): number {
    if (this.#next === SIZE) this.#twist();
    let y = this.#state[this.#next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  /** An integer of [low, high), as `randint(low, high)`; high - low at most 2³². */
  randint(low: number, high: number): number {
    if (!(high > low)) throw new RangeError(`randint: expected low < high, got ${low} and ${high}`);
    return low + this.#upTo(high - low - 1);
  }

  /** Shuffles in place, as `shuffle`: Fisher-Yates from the end. */
  shuffle(values: { [index: number]: number; readonly length: number }): void {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.#upTo(i);
      const kept = values[i]!;
      values[i] = values[j]!;
      values[j] = kept;
    }
  }

  /** A shuffled copy, or of 0 … n - 1 when given a count, as `permutation`. */
  permutation(values: number | readonly number[]): number[] {
    const copy = typeof values === "number"
      ? Array.from({ length: values }, (_, i) => i)
      : values.slice();
    this.shuffle(copy);
    return copy;
  }

  /** `size` of the values, none twice, as `choice(values, size, replace=False)`. */
  choice(values: readonly number[], size: number): number[] {
    if (size > values.length) {
      throw new RangeError(`choice: cannot take ${size} of ${values.length} values`);
    }
    return this.permutation(values.length).slice(0, size).map((i) => values[i]!);
  }

  /** 0 … max, by masking and rejecting: the legacy way, which newer NumPy generators left. */
  #upTo(max: number): number {
    if (max === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(max);
    let value: number;
    do value = (this.uint32() & mask) >>> 0; while (value > max);
    return value;
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < SIZE; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % SIZE]! & 0x7fffffff);
      state[i] = state[(i + MIDDLE) % SIZE]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#next = 0;
  }
}
