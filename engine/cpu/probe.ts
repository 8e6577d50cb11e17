/**
 * How the runtime compiles the kernels, found out by the clock, since no call tells: whether
 * adjacent 128-bit halves run as one AVX2 operation. V8 does that only under its flags
 * `--experimental-wasm-revectorize` and `--no-wasm-bounds-checks`, for a check between two halves
 * keeps them apart; so fused halves also mean that bounds checks are off.
 */
import { openCpu } from "./backend.ts";

/** What `measureCpu` found. */
export interface CpuSpeed {
  /** Multiply-adds of a matmul tile on one core, in 10⁹ operations a second. */
  readonly gflops: number;
  /** Adjacent halves run as one operation, and bounds checks are off. */
  readonly fused: boolean;
}

const TURNS = 64;
const REPEATS = 512;
/** V8 compiles for speed in the background while the quickly compiled code already runs. */
const MILLISECONDS = 250;
/** The paired form does 16 multiply-adds of 4 lanes a turn, the single one 8. */
const FLOPS = { probePaired: 16 * 8, probeSingle: 8 * 8 };
/** Fused, the paired form is at least twice as fast as the other; else they are about equal. */
const FUSED_FROM = 1.5;

/** Times both forms for a quarter of a second. */
export async function measureCpu(): Promise<CpuSpeed> {
  const cpu = await openCpu({ threads: 1 });
  try {
    const buffers = [TURNS * 16, TURNS * 64, 256].map((bytes) => {
      const memory = cpu.alloc(bytes);
      cpu.write(memory, new Uint8Array(bytes));
      return memory;
    });
    const best = { probePaired: Infinity, probeSingle: Infinity };
    const end = performance.now() + MILLISECONDS;
    while (performance.now() < end) {
      for (const kernel of ["probePaired", "probeSingle"] as const) {
        const start = performance.now();
        cpu.run({ kernel, buffers, params: [TURNS], items: REPEATS, grain: REPEATS });
        best[kernel] = Math.min(best[kernel], performance.now() - start);
      }
    }
    const rate = (kernel: keyof typeof FLOPS) =>
      FLOPS[kernel] * TURNS * REPEATS / best[kernel] / 1e6;
    const gflops = rate("probePaired");
    return { gflops, fused: gflops / rate("probeSingle") > FUSED_FROM };
  } finally {
    cpu.dispose();
  }
}
