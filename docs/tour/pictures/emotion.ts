import { Picture } from "./svg.ts";

/** The stations between a voice and a word. */
export function draw(): Picture {
  const p = new Picture("From a waveform to a decision", 700, 190);
  const wave = Array.from({ length: 60 }, (_, i): [number, number] => [
    20 + 1.6 * i,
    85 + 28 * Math.sin(i * 0.9) * Math.exp(-(((i - 30) / 16) ** 2)),
  ]);
  p.line(wave, "blue").text(68, 150, "waveform").text(68, 168, "22,050 Hz", {
    size: 12,
    color: "soft",
  });
  const stations: [string, string, number][] = [
    ["spectrum", "1025 bins", 80],
    ["mel bands", "128, in dB", 62],
    ["image", "128×128", 62],
    ["CNN", "4 blocks", 44],
    ["8 logits", "softmax", 30],
  ];
  stations.forEach(([name, detail, height], i) => {
    const x = 165 + 110 * i;
    p.arrow([x - 35, 85], [x - 4, 85]);
    p.box(x, 85 - height / 2, 62, height, { fill: i < 3 ? "lightBlue" : "lightOrange" });
    p.text(x + 31, 150, name).text(x + 31, 168, detail, { size: 12, color: "soft" });
  });
  return p;
}
