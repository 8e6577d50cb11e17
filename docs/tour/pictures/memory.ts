import { type Color, Picture } from "./svg.ts";

/** Lifetimes of the tensors of a step, with the scope around them. */
export function draw(): Picture {
  const p = new Picture("Lifetimes of tensors around a scope", 640, 240);
  p.box(170, 35, 260, 165, { fill: "lightGreen" }).text(300, 28, "device.scope(…)", {
    color: "green",
  });
  const bars: [string, number, number, Color][] = [
    ["weights", 110, 620, "blue"],
    ["made inside", 200, 430, "orange"],
    ["returned", 260, 560, "blue"],
    ["held by tape", 230, 490, "soft"],
  ];
  bars.forEach(([name, from, to, color], i) => {
    const y = 50 + 38 * i;
    p.box(from, y, to - from, 18, { fill: color }).text(100, y + 14, name, {
      anchor: "end",
      size: 12,
    });
  });
  p.line([[490, 40], [490, 205]], "soft").text(490, 222, "backward", { color: "soft" });
  return p.line([[560, 40], [560, 205]], "soft").text(570, 222, "dispose", { color: "soft" });
}
