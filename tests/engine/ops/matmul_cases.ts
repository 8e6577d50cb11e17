/** Matrix products: every flag, sizes of 1, primes and one past a tile, batches, bias and ReLU. */
import * as T from "../../../engine/mod.ts";
import { broadcastShapes, broadcastStrides, stridesOf } from "../../../engine/shape.ts";
import { type Nd, nd, type OpCase } from "./harness.ts";

interface Flags {
  transposeA?: boolean;
  transposeB?: boolean;
  relu?: boolean;
}

function reference(a: Nd, b: Nd, { transposeA, transposeB, relu }: Flags, bias?: Nd): Nd {
  const [a0, a1] = a.shape.slice(-2);
  const [b0, b1] = b.shape.slice(-2);
  const [m, k] = transposeA ? [a1, a0] : [a0, a1];
  const n = transposeB ? b0 : b1;
  const batchA = a.shape.slice(0, -2), batchB = b.shape.slice(0, -2);
  const batch = broadcastShapes("reference", batchA, batchB);
  const strides = stridesOf(batch);
  const sa = broadcastStrides(batchA, batch), sb = broadcastStrides(batchB, batch);
  return nd([...batch, m, n], (i) => {
    const column = i % n, row = Math.floor(i / n) % m, matrix = Math.floor(i / n / m);
    let ma = 0, mb = 0;
    batch.forEach((size, d) => {
      const index = Math.floor(matrix / strides[d]) % size;
      ma += index * sa[d];
      mb += index * sb[d];
    });
    let total = bias ? bias.data[column] : 0;
    for (let j = 0; j < k; j++) {
      total += a.data[ma * m * k + (transposeA ? j * m + row : row * k + j)] *
        b.data[mb * k * n + (transposeB ? column * k + j : j * n + column)];
    }
    return relu ? Math.max(total, 0) : total;
  });
}

function row(
  [m, k, n]: [number, number, number],
  flags: Flags & { batchA?: number[]; batchB?: number[]; bias?: boolean; forwardOnly?: boolean } =
    {},
): OpCase {
  const { batchA = [], batchB = [], bias, forwardOnly, ...rest } = flags;
  const shapeA = [...batchA, ...(rest.transposeA ? [k, m] : [m, k])];
  const shapeB = [...batchB, ...(rest.transposeB ? [n, k] : [k, n])];
  const words = Object.entries(flags).filter(([, v]) => v === true).map(([w]) => w).join(", ");
  return {
    covers: [rest.relu ? "matmulRelu" : "matmul"],
    name: `matmul of [${shapeA}] and [${shapeB}]${words && `, ${words}`}`,
    inputs: [{ shape: shapeA }, { shape: shapeB }, ...(bias ? [{ shape: [n] }] : [])],
    run: ([a, b, c]) => T.matmul(a, b, { ...rest, bias: c }),
    reference: ([a, b, c]) => reference(a, b, rest, c),
    forwardOnly,
  };
}

export const cases: OpCase[] = [
  row([1, 1, 1]),
  row([1, 7, 1]),
  row([5, 3, 2]),
  row([6, 16, 16]),
  row([7, 17, 17]),
  row([13, 29, 31], { transposeA: true }),
  row([13, 29, 31], { transposeB: true }),
  row([13, 29, 31], { transposeA: true, transposeB: true }),
  row([64, 64, 64], { transposeB: true }),
  row([65, 66, 67]),
  row([37, 257, 53], { transposeB: true }),
  row([37, 515, 50], { transposeA: true, bias: true, relu: true }),
  row([12, 8, 16], { bias: true }),
  row([9, 11, 19], { bias: true, relu: true }),
  row([4, 5, 3], { batchA: [2, 3], batchB: [2, 3] }),
  row([4, 5, 3], { batchA: [2, 1], batchB: [3] }),
  row([4, 5, 3], { batchA: [3], transposeA: true }),
  row([7, 5, 18], { batchA: [4], bias: true }),
  row([7, 5, 18], { batchB: [4], transposeB: true }),
  row([7, 5, 18], { batchA: [2, 3], batchB: [3], transposeA: true, transposeB: true }),
  row([1, 2, 3], { batchA: [65_537], batchB: [65_537], forwardOnly: true }),
];
