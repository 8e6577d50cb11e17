import { Picture } from "./svg.ts";

/** Three ways from one input to the loss. */
export function draw(): Picture {
  const p = new Picture(
    "The input reaches the loss directly, through the mean and the variance",
    640,
    230,
  );
  p.box(30, 90, 60, 40, { label: "x", fill: "lightBlue" });
  p.box(190, 30, 80, 40, { label: "mean" }).box(190, 150, 80, 40, { label: "variance" });
  p.box(360, 90, 60, 40, { label: "x̂", fill: "lightGreen" });
  p.box(500, 90, 110, 40, { label: "y = γx̂ + β", fill: "lightOrange" });
  p.arrow([90, 110], [356, 110]).arrow([90, 100], [188, 55]).arrow([90, 120], [188, 165]);
  p.arrow([270, 52], [358, 98]).arrow([270, 168], [358, 122]).arrow([420, 110], [496, 110]);
  p.arrow([230, 70], [230, 146]);
  p.text(312, 104, "dy/σ", { color: "blue" }).text(320, 50, "− mean of dy", { color: "blue" });
  return p.text(335, 190, "− x̂ · mean of dy·x̂", { color: "blue" })
    .text(320, 218, "black: what depends on what; blue: what each way adds to dx", {
      color: "soft",
    });
}
