import { Picture } from "./svg.ts";

/** What one tile of the product needs of both operands. */
export function draw(): Picture {
  const p = new Picture(
    "A tile of C needs a band of A and a band of B, fetched tile by tile",
    640,
    345,
  );
  const side = 150;
  const square = (x: number, y: number, name: string) => {
    p.box(x, y, side, side).text(x + side / 2, y + side + 20, name);
  };
  square(60, 160, "A");
  square(250, 10, "");
  square(250, 160, "C = A·B");
  p.text(420, 90, "B");
  p.box(60, 210, side, 30, { fill: "lightBlue" }).box(120, 210, 30, 30, { fill: "blue" });
  p.box(310, 10, 30, side, { fill: "lightOrange" }).box(310, 70, 30, 30, { fill: "orange" });
  p.box(310, 210, 30, 30, { fill: "green" });
  p.arrow([152, 225], [306, 225], "blue").arrow([325, 102], [325, 206], "orange");
  p.text(530, 190, "near memory holds").text(530, 210, "one tile of A, one of B");
  return p.text(530, 235, "each number fetched once,").text(530, 255, "used T times");
}
