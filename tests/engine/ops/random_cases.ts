/** Dropout: the very elements of the host's stream, whatever the size. */
import * as T from "../../../engine/mod.ts";
import { threefry, type Words } from "../../../engine/random.ts";
import { nd, type OpCase } from "./harness.ts";

/** Word i of a stream whose counter starts at 0. */
export function wordAt(key: Words, i: number): number {
  return threefry(key, [i >> 1, 0])[i & 1];
}

export const cases: OpCase[] = ([[[1], 0.5], [[7], 0.1], [[37, 65], 0.3], [[5, 3], 1]] as const)
  .map(([shape, p]) => ({
    covers: ["dropout"],
    name: `dropout of ${shape.join("×")} by ${p}`,
    inputs: [{ shape }],
    run: ([x]) => T.dropout(x, p, T.Random.of(42, "mask")),
    reference: ([x]) => {
      const { key } = T.Random.of(42, "mask");
      return nd(x.shape, (i) => wordAt(key, i) < p * 2 ** 32 ? 0 : x.data[i] / (1 - p));
    },
  }));
