import { Picture } from "./svg.ts";

/** Bars of probabilities, the target, and their difference. */
export function draw(): Picture {
  const p = new Picture("Probabilities minus target is the gradient", 640, 230);
  const names = ["calm", "happy", "angry"];
  const probabilities = [0.2595, 0.7054, 0.0351], target = [0, 0, 1];
  const bars = (x: number, title: string, values: readonly number[], base: number) => {
    p.text(x + 75, 26, title).line([[x, base], [x + 150, base]]);
    values.forEach((v, i) => {
      const height = Math.abs(v) * 75;
      p.box(x + 12 + 48 * i, v < 0 ? base : base - height, 30, height, {
        fill: v < 0 ? "orange" : "blue",
      });
      p.text(x + 27 + 48 * i, 210, names[i], { size: 12 });
    });
  };
  bars(20, "softmax p", probabilities, 115);
  p.text(200, 120, "−", { size: 24 });
  bars(230, "target t", target, 115);
  p.text(410, 120, "=", { size: 24 });
  bars(450, "gradient of the logits", probabilities.map((v, i) => v - target[i]), 115);
  return p;
}
