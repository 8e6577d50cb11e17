/** A shape and a row of numbers: where element (i, j) lies, what shares memory and what copies. */
import { openDevice, reshape, type Tensor, transpose } from "../../engine/mod.ts";
import { row } from "./format.ts";

export async function run(print: (line: string) => void): Promise<void> {
  using device = await openDevice("cpu");
  const x = device.tensor([0, 1, 2, 10, 11, 12], [2, 3]);
  const [rows, columns] = x.shape;
  const strides = [columns, 1]; // row-major: the last axis lies side by side
  print(`x: shape ${rows}×${columns}, ${x.dtype}, strides [${strides}]`);

  const values = await x.data();
  const place = 1 * strides[0] + 2 * strides[1];
  print(`x[1, 2] lies at 1·${strides[0]} + 2·${strides[1]} = ${place} and is ${values[place]}`);

  const flat = reshape(x, [3, 2]);
  const turned = transpose(x);
  const describe = async (name: string, t: Tensor) => {
    const shares = t.storage === x.storage ? "the memory of x" : "memory of its own";
    print(`${name}: shape ${t.shape.join("×")}, ${shares}:${row(await t.data(), 0)}`);
  };
  await describe("x        ", x);
  await describe("reshape  ", flat);
  await describe("transpose", turned);

  x.write(Float32Array.of(0, 1, 2, 10, 11, 99));
  print(`after x[1, 2] = 99, reshape ends in ${(await flat.data())[5]},`);
  print(`transpose still in ${(await turned.data())[5]}`);
}
