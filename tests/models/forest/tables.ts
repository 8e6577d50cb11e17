/**
 * Tables made from nothing but RandomState's draws, the same in tests/goldens/forest.py: sums of four
 * whole numbers, nearly normal, moved by class. Every value is exact in f32.
 */
import { RandomState } from "../../../features/corpus/mt19937.ts";
import type { Table } from "../../../models/forest/table.ts";

export interface TableOptions {
  readonly rows: number;
  readonly features: number;
  readonly classes: number;
  readonly seed: number;
  /** How far classes lie apart, in units of a feature's deviation of about 1.15. */
  readonly apart: number;
  /** Every how many features one is moved by the class; the others are noise. */
  readonly every: number;
  /** Steps a unit: 1 makes nearly all values equal to others, 4096 almost none. */
  readonly steps: number;
  /** Larger classes first: class c is as frequent as `classes` - c, else all are alike. */
  readonly uneven: boolean;
}

const STEPS = 4096;

export function makeTable(options: TableOptions): Table {
  const { rows, features, classes, seed, apart, every, steps, uneven } = options;
  const random = new RandomState(seed);
  const x = new Float32Array(rows * features);
  const y = new Int32Array(rows);
  const sizes = Array.from({ length: classes }, (_, c) => uneven ? classes - c : 1);
  const round = sizes.flatMap((size, c) => new Array<number>(size).fill(c));
  for (let i = 0; i < rows; i++) {
    y[i] = round[i % round.length];
    for (let f = 0; f < features; f++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += random.randint(0, 2 * STEPS);
      const moved = f % every === 0 ? ((y[i] * (f / every + 1)) % classes) * apart * STEPS : 0;
      x[i * features + f] = Math.floor((sum + moved) * steps / STEPS) / steps;
    }
  }
  return {
    x,
    y,
    classes: Array.from({ length: classes }, (_, c) => `class_${c}`),
    names: Array.from({ length: features }, (_, f) => `feature_${f}`),
  };
}
