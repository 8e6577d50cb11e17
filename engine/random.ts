/**
 * Seeded random numbers that are a pure function of (key, counter): Threefry-2x32 with 20 rounds
 * (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), made of 32-bit additions,
 * rotations and xors alone. The host, the WebAssembly kernels and the shaders compute the same words,
 * any stretch of the stream in any order, so a mask need not be stored to be met again.
 */

/** A 64-bit value as two unsigned words, low first. */
export type Words = readonly [number, number];

/** What a stream continues from; JSON can hold it. */
export interface RandomState {
  /** Which stream. */
  readonly key: Words;
  /** Blocks of two words used so far. */
  readonly counter: number;
}

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24];

/** One block of the stream: two unsigned 32-bit words for a key and a counter. */
export function threefry([k0, k1]: Words, [c0, c1]: Words): [number, number] {
  const keys = [k0, k1, 0x1bd11bda ^ k0 ^ k1];
  let a = (c0 + k0) | 0, b = (c1 + k1) | 0;
  for (let round = 0; round < 20; round++) {
    const r = ROTATIONS[round % 8];
    a = (a + b) | 0;
    b = ((b << r) | (b >>> (32 - r))) ^ a;
    if (round % 4 === 3) {
      const i = (round + 1) / 4;
      a = (a + keys[i % 3]) | 0;
      b = (b + keys[(i + 1) % 3] + i) | 0;
    }
  }
  return [a >>> 0, b >>> 0];
}

/** A non-negative safe integer as two words. */
export function wordsOf(n: number): Words {
  return [n >>> 0, Math.floor(n / 2 ** 32) >>> 0];
}

/** One stream of random numbers, and how far it has been used. */
export class Random {
  #key: Words;
  #counter = 0;

  private constructor(key: Words) {
    this.#key = key;
  }

  /**
   * The stream of a seed (an integer) and a name: streams of other names are independent, so that
   * shuffling, initialisation and dropout of one seed do not share numbers.
   */
  static of(seed: number, name = ""): Random {
    if (!Number.isSafeInteger(seed)) {
      throw new Error(`Random: a seed is a whole number, got ${seed}`);
    }
    let key: Words = wordsOf(seed);
    const bytes = new TextEncoder().encode(name);
    bytes.forEach((byte, i) => key = threefry(key, [byte, i + 1]));
    return new Random(key);
  }

  /** What tells this stream from others. */
  get key(): Words {
    return this.#key;
  }

  /** Where the stream stands; `restore` continues from there. */
  state(): RandomState {
    return { key: [...this.#key], counter: this.#counter };
  }

  /** Continues from what `state` gave. */
  restore({ key, counter }: RandomState): void {
    this.#key = [key[0], key[1]];
    this.#counter = counter;
  }

  /** Sets `blocks` blocks aside; the counter of the first. */
  take(blocks: number): number {
    const first = this.#counter;
    this.#counter += blocks;
    return first;
  }

  /** An unsigned 32-bit number. Uses up one block. */
  nextU32(): number {
    return threefry(this.#key, wordsOf(this.take(1)))[0];
  }

  /** A whole number in 0…n−1, every one equally likely. */
  below(n: number): number {
    if (!(Number.isInteger(n) && n > 0 && n <= 2 ** 32)) {
      throw new Error(`below: needs 1 to 2^32, got ${n}`);
    }
    const limit = 2 ** 32 - 2 ** 32 % n; // above it lies an incomplete run of n
    let word = this.nextU32();
    while (word >= limit) word = this.nextU32();
    return word % n;
  }

  /** 0…n−1 in random order (Fisher and Yates). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }
}
