import { Picture } from "./svg.ts";

/** Ops forward along the top, gradients back along the bottom. */
export function draw(): Picture {
  const ops = ["matmul", "add", "tanh", "sub", "square", "mean"];
  const p = new Picture("Ops are recorded forward and popped backward", 700, 190);
  ops.forEach((op, i) => {
    const x = 90 + i * 100;
    p.box(x, 50, 70, 36, { label: op, fill: "lightBlue" });
    p.arrow([x - 28, 62], [x - 2, 62]);
    p.arrow([x - 2, 76], [x - 28, 76], "orange");
  });
  p.text(30, 73, "x, w, b").arrow([662, 62], [685, 62]).arrow([685, 76], [662, 76], "orange");
  p.text(320, 30, "forward: every op appends to the tape", { color: "blue" });
  p.text(320, 112, "backward: popped from the end, gradients flow", { color: "orange" });
  p.cells(190, 128, 56, [["matmul", "add", "tanh", "sub", "square", "mean"]], "lightGreen");
  return p.text(110, 161, "the tape").arrow([562, 156], [532, 156], "orange").text(585, 161, "pop");
}
