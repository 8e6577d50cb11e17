/** A column and a row stretched to a table; each gets back the sum over what it was stretched along. */
import { backward, mul, openDevice, sum } from "../../engine/mod.ts";
import { list, row } from "./format.ts";

export async function run(print: (line: string) => void): Promise<void> {
  using device = await openDevice("cpu");
  const column = device.tensor([1, 2, 3], [3, 1]);
  const line = device.tensor([10, 20, 30, 40], [4]);
  column.requiresGrad = line.requiresGrad = true;

  const table = mul(column, line); // 3×1 · 4 → 3×4
  print(`${column.shape.join("×")} · ${line.shape.join("×")} → ${table.shape.join("×")}`);
  const values = await table.data();
  for (let i = 0; i < 3; i++) print(row(values.subarray(4 * i, 4 * i + 4), 0));

  backward(sum(table));
  const columnGrad = await column.grad!.data();
  const lineGrad = await line.grad!.data();
  print(`gradient of the column, ${column.grad!.shape.join("×")}: ${list(columnGrad, 0)}`);
  print("  by hand: each of its numbers met all of the line, 10+20+30+40 = 100");
  print(`gradient of the line, ${line.grad!.shape.join("×")}: ${list(lineGrad, 0)}`);
  print("  by hand: each of its numbers met all of the column, 1+2+3 = 6");
}
