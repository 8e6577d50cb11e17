/** The same product three ways, counting how often an operand is fetched from far memory. */
import { matmul, normal, openDevice, Random } from "../../engine/mod.ts";
import { below, distance } from "./format.ts";

const N = 64;

/** Far memory: counts what is read from it. */
class Far {
  loads = 0;
  constructor(readonly data: ArrayLike<number>) {}
  at(row: number, column: number): number {
    this.loads++;
    return this.data[row * N + column];
  }
}

/** Tiles of T×T: what a tile needs of A and B is fetched once per step of k and used T times. */
function tiled(a: Far, b: Far, T: number): Float64Array {
  const c = new Float64Array(N * N);
  const near = (from: Far, row: number, column: number) =>
    // one T×T tile, copied to near memory
    Float64Array.from(
      { length: T * T },
      (_, e) => from.at(row + Math.floor(e / T), column + e % T),
    );
  for (let i0 = 0; i0 < N; i0 += T) {
    for (let j0 = 0; j0 < N; j0 += T) {
      for (let k0 = 0; k0 < N; k0 += T) {
        const tileA = near(a, i0, k0), tileB = near(b, k0, j0);
        for (let i = 0; i < T; i++) {
          for (let j = 0; j < T; j++) {
            let sum = 0;
            for (let k = 0; k < T; k++) sum += tileA[i * T + k] * tileB[k * T + j];
            c[(i0 + i) * N + j0 + j] += sum;
          }
        }
      }
    }
  }
  return c;
}

export async function run(print: (line: string) => void): Promise<void> {
  using device = await openDevice("cpu");
  const random = Random.of(1, "matmul");
  const a = normal(device, [N, N], random), b = normal(device, [N, N], random);
  const [dataA, dataB] = [await a.data(), await b.data()];
  const engine = await matmul(a, b).data();
  print(`${N}×${N}×${N}: ${2 * N ** 3} operations, 2·n³/T loads with tiles of side T`);
  for (const T of [1, 8, 32]) {
    const farA = new Far(dataA), farB = new Far(dataB);
    const c = tiled(farA, farB, T);
    const loads = farA.loads + farB.loads;
    const error = below(distance(c, engine), 1e-4);
    print(
      `T = ${String(T).padStart(2)}: ${String(loads).padStart(7)} loads, ` +
        `${
          String(2 * N ** 3 / loads).padStart(2)
        } operations each; from the engine's product ${error}`,
    );
  }
}
