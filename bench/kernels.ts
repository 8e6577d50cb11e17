/** All kernels that are timed alone. */
import { cases as attention } from "./attention.ts";
import { cases as conv } from "./conv.ts";
import { cases as conv1d } from "./conv1d.ts";
import { cases as matmul } from "./matmul.ts";
import type { BenchCase } from "./measure.ts";

export const cases: readonly BenchCase[] = [...matmul, ...conv, ...conv1d, ...attention];
