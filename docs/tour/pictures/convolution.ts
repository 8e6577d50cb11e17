import { Picture } from "./svg.ts";

const blank = (rows: number, columns: number) =>
  Array.from({ length: rows }, () => Array<string>(columns).fill(""));

/** Which pixels an output reads, and which outputs a pixel fed. */
export function draw(): Picture {
  const p = new Picture("Forward, gradient of the input, gradient of the weights", 712, 250);
  const near = (i: number, j: number, a: number, b: number) =>
    i >= a && i < a + 3 && j >= b && j < b + 3;
  p.text(115, 28, "y[1,1] = Σ x·w");
  p.cells(20, 45, 24, blank(5, 5), (i, j) => near(i, j, 1, 1) ? "lightBlue" : "light");
  p.cells(155, 69, 24, blank(3, 3), (i, j) => i === 1 && j === 1 ? "orange" : "light");
  p.text(350, 28, "∂L/∂x[2,2] = Σ ∂L/∂y·w");
  p.cells(255, 45, 24, blank(5, 5), (i, j) => i === 2 && j === 2 ? "orange" : "light");
  p.cells(390, 69, 24, blank(3, 3), "lightBlue");
  p.text(585, 28, "∂L/∂w[0,2] = Σ ∂L/∂y·x");
  p.cells(490, 45, 24, blank(5, 5), (i, j) => near(i, j, 0, 2) ? "lightBlue" : "light");
  p.cells(625, 69, 24, blank(3, 3), "lightBlue");
  for (const x of [80, 315, 550]) p.text(x, 190, "x, 5×5");
  for (const x of [191, 426, 661]) p.text(x, 160, "y, 3×3");
  return p.text(
    350,
    225,
    "orange: what is computed; blue: what it sums over",
    {
      color: "soft",
    },
  );
}
