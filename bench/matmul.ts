/** Matrix products: large squares, and the shapes of the paper's dense layers with their gradients. */
import { matmul } from "../engine/ops/matmul.ts";
import { normal } from "../engine/ops/random_ops.ts";
import { Random } from "../engine/random.ts";
import type { BenchCase } from "./measure.ts";
import { sampledError } from "./sampled_error.ts";

interface Row {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

const rows: readonly Row[] = [
  { m: 256, k: 256, n: 256 },
  { m: 1024, k: 1024, n: 1024 },
  { m: 64, k: 8192, n: 208 },
  { m: 64, k: 208, n: 8192, transposeB: true },
  { m: 8192, k: 64, n: 208, transposeA: true },
];

function matmulCase({ m, k, n, transposeA = false, transposeB = false }: Row): BenchCase {
  return {
    name: "matmul",
    size: `${m}x${k}x${n}`,
    variant: transposeA ? "AT" : transposeB ? "BT" : "default",
    flops: 2 * m * k * n,
    prepare(device) {
      const random = Random.of(1, "matmul");
      const a = device.keep(normal(device, transposeA ? [k, m] : [m, k], random));
      const b = device.keep(normal(device, transposeB ? [n, k] : [k, n], random));
      const product = () => matmul(a, b, { transposeA, transposeB });
      return {
        run: () => void product(),
        error: () =>
          sampledError(device, product, [a, b], ([x, y], i) => {
            const row = Math.floor(i / n), column = i % n;
            let total = 0;
            for (let j = 0; j < k; j++) {
              total += x[transposeA ? j * m + row : row * k + j] *
                y[transposeB ? column * k + j : j * n + column];
            }
            return total;
          }),
        dispose() {
          a.dispose();
          b.dispose();
        },
      };
    },
  };
}

export const cases: readonly BenchCase[] = rows.map(matmulCase);
