import { type Color, Picture } from "./svg.ts";

/** Host and GPU on two tracks. */
export function draw(): Picture {
  const p = new Picture(
    "The host records, submits, and goes on; the GPU works behind it",
    680,
    210,
  );
  const track = (y: number, name: string) => {
    p.text(30, y + 20, name, { anchor: "start" }).line([[100, y + 32], [660, y + 32]], "soft", 1);
  };
  track(40, "host");
  track(120, "GPU");
  const block = (x: number, y: number, width: number, label: string, fill: Color) =>
    p.box(x, y, width, 28, { label, fill, size: 12 });
  for (let i = 0; i < 4; i++) block(105 + 48 * i, 42, 44, `op ${i + 1}`, "lightBlue");
  block(300, 42, 60, "submit", "lightOrange");
  block(365, 42, 110, "next step's ops", "lightBlue");
  block(480, 42, 60, "read", "lightOrange");
  for (let i = 0; i < 4; i++) block(335 + 62 * i, 122, 60, `shader ${i + 1}`, "lightGreen");
  block(583, 122, 44, "copy", "lightGreen");
  p.arrow([330, 72], [336, 118]).arrow([510, 72], [600, 118]).arrow([627, 120], [640, 76]);
  return p.text(642, 62, "values", { size: 12 })
    .text(380, 195, "only a read waits", { color: "soft" });
}
