/** Casts between precisions, on values that f16 holds: there they change nothing, nor do gradients. */
import * as T from "../../../engine/mod.ts";
import { nd, type OpCase } from "./harness.ts";

function row(name: string, shape: number[], forwardOnly = false): OpCase {
  return {
    covers: ["cast"],
    name: `${name} of [${shape}]`,
    inputs: [{ shape, values: (_, random) => Math.floor(random() * 2048 - 1024) / 64 }],
    run: ([x]) => T.cast(T.cast(x, "f16"), "f32"),
    reference: ([x]) => nd(x.shape, (i) => x.data[i]),
    forwardOnly,
  };
}

export const cases: OpCase[] = [
  row("to f16 and back", [1]),
  row("an odd number to f16 and back", [7, 19]),
  row("past the grid limit to f16 and back", [8_388_609], true),
];
