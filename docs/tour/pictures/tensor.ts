import { Picture } from "./svg.ts";

/** One row of memory under two shapes. */
export function draw(): Picture {
  const p = new Picture("A 2×3 tensor, its row of memory, and a reshape of it", 640, 210);
  const color = (i: number) => i === 0 ? "lightBlue" : "lightOrange";
  p.text(95, 30, "x, 2×3").cells(35, 45, 40, [[0, 1, 2], [10, 11, 12]], color);
  p.text(320, 30, "memory").cells(
    200,
    65,
    40,
    [[0, 1, 2, 10, 11, 12]],
    (_, j) => color(j < 3 ? 0 : 1),
  );
  p.text(550, 30, "reshape to 3×2")
    .cells(510, 45, 40, [[0, 1], [2, 10], [11, 12]], (i, j) => color(2 * i + j < 3 ? 0 : 1));
  p.arrow([160, 85], [194, 85]).arrow([504, 85], [446, 85]);
  p.text(360, 140, "x[1, 2]: place 1·3 + 2·1 = 5", { anchor: "middle" }).line([[420, 107], [
    400,
    124,
  ]]);
  return p.text(320, 190, "strides 3 and 1: how far one step along an axis goes in memory", {
    color: "soft",
  });
}
