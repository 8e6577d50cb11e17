/** Matrix products: large squares, and the shapes of dense layers and transformers with their gradients. */
import { matmul } from "../engine/ops/matmul.ts";
import type { BenchCase } from "./case.ts";
import { bytesOf, type Family, opCase } from "./op_case.ts";
import type { Extent } from "./sizes.ts";

interface Row {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Operands are f16. */
  readonly half?: boolean;
}

const rows: Readonly<Record<Extent, readonly Row[]>> = {
  tiny: [
    { m: 65, k: 66, n: 68 },
    { m: 64, k: 96, n: 32, transposeB: true },
    { m: 64, k: 96, n: 32, half: true },
  ],
  usual: [
    { m: 256, k: 256, n: 256 },
    { m: 1024, k: 1024, n: 1024 },
    { m: 174, k: 768, n: 3072 },
    { m: 64, k: 8192, n: 208 },
    { m: 64, k: 208, n: 8192, transposeB: true },
    { m: 8192, k: 64, n: 208, transposeA: true },
  ],
  large: [
    { m: 1024, k: 1024, n: 1024 },
    { m: 4096, k: 4096, n: 4096 },
    { m: 174, k: 768, n: 3072 },
    { m: 64, k: 8192, n: 208 },
    { m: 64, k: 208, n: 8192, transposeB: true },
    { m: 8192, k: 64, n: 208, transposeA: true },
    { m: 1024, k: 1024, n: 1024, half: true },
    { m: 4096, k: 4096, n: 4096, half: true },
    { m: 174, k: 768, n: 3072, half: true },
  ],
};

function matmulCase(row: Row): BenchCase {
  const { m, k, n, transposeA = false, transposeB = false, half = false } = row;
  const shapes = [transposeA ? [k, m] : [m, k], transposeB ? [n, k] : [k, n]];
  return opCase({
    name: "matmul",
    size: `${m}x${k}x${n}`,
    variant: half ? "f16" : transposeA ? "AT" : transposeB ? "BT" : "default",
    flops: 2 * m * k * n,
    bytes: bytesOf(...shapes) / (half ? 2 : 1) + bytesOf([m, n]),
    shapes,
    half: half ? [0, 1] : [],
    run: ([a, b]) => matmul(a, b, { transposeA, transposeB }),
    expected([x, y], i) {
      const row = Math.floor(i / n), column = i % n;
      let total = 0;
      for (let j = 0; j < k; j++) {
        total += x[transposeA ? j * m + row : row * k + j] *
          y[transposeB ? column * k + j : j * n + column];
      }
      return total;
    },
  });
}

export const cases: readonly BenchCase[] = rows.usual.map(matmulCase);

export const family: Family = {
  name: "matmul",
  dims: "MxKxN",
  cases: (extent) => rows[extent].map(matmulCase),
  sweep: [64, 128, 256, 512, 1024, 2048].map((n) => [n, n, n]),
  at: ([m, k, n]) => [matmulCase({ m, k, n })],
};
