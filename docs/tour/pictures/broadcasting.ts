import { Picture } from "./svg.ts";

/** Stretching on the way forward, summing on the way back. */
export function draw(): Picture {
  const p = new Picture("A column and a row stretched to a table; sums on the way back", 640, 250);
  const column = [1, 2, 3], line = [10, 20, 30, 40];
  p.text(160, 28, "forward: stretch");
  p.cells(60, 90, 36, column.map((v) => [v]), "lightBlue");
  p.cells(110, 44, 36, [line], "lightOrange");
  p.cells(110, 90, 36, column.map((a) => line.map((b) => a * b)));
  p.text(470, 28, "backward: sum");
  p.cells(450, 90, 36, [[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]]);
  p.cells(380, 90, 36, [[100], [100], [100]], "lightBlue");
  p.cells(450, 206, 36, [[6, 6, 6, 6]], "lightOrange");
  for (let i = 0; i < 3; i++) p.arrow([448, 108 + 36 * i], [420, 108 + 36 * i], "blue");
  for (let j = 0; j < 4; j++) p.arrow([468 + 36 * j, 184 + 14], [468 + 36 * j, 205], "orange");
  return p.text(182, 225, "every cell: column · row", { color: "soft" });
}
