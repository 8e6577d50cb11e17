import { Picture } from "./svg.ts";

/** A row of scores, a block at a time, and what is remembered between blocks. */
export function draw(): Picture {
  const p = new Picture("One query meets the keys block by block", 660, 220);
  p.box(30, 60, 60, 36, { label: "query", fill: "lightBlue" });
  for (let b = 0; b < 4; b++) {
    const x = 150 + 120 * b;
    p.box(x, 40, 100, 30, {
      label: `keys, block ${b + 1}`,
      fill: b === 1 ? "lightOrange" : "light",
      size: 12,
    });
    p.box(x, 76, 100, 30, { label: "values", fill: b === 1 ? "lightOrange" : "light", size: 12 });
  }
  p.box(150, 150, 340, 36, {
    label: "maximum m · sum s · output o (d numbers)",
    fill: "lightGreen",
  });
  p.arrow([320, 108], [320, 146], "orange").arrow([92, 78], [146, 78]);
  p.arrow([492, 168], [560, 168]).text(600, 173, "o / s");
  p.text(100, 172, "kept:");
  return p.text(
    330,
    208,
    "a larger maximum shrinks what was summed: s, o ← s·e^(m − m′), o·e^(m − m′)",
    {
      color: "soft",
      size: 13,
    },
  );
}
