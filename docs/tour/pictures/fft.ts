import { Picture } from "./svg.ts";

/** Eight points in three stages of butterflies. */
export function draw(): Picture {
  const p = new Picture("Eight points, three stages of four butterflies", 640, 290);
  const order = [0, 4, 2, 6, 1, 5, 3, 7]; // even places first, at every level
  const columns = [90, 240, 390, 540];
  const y = (i: number) => 40 + 30 * i;
  for (let stage = 0; stage < 3; stage++) {
    const reach = 1 << stage;
    for (let i = 0; i < 8; i++) {
      const partner = i ^ reach;
      p.line([[columns[stage], y(i)], [columns[stage + 1], y(i)]], "soft", 1);
      p.line(
        [[columns[stage], y(i)], [columns[stage + 1], y(partner)]],
        i & reach ? "orange" : "blue",
        1,
      );
    }
    p.text((columns[stage] + columns[stage + 1]) / 2, 20, `length ${2 * reach}`);
  }
  for (let i = 0; i < 8; i++) {
    p.text(60, y(i) + 5, `x[${order[i]}]`).text(575, y(i) + 5, `X[${i}]`);
  }
  return p.text(320, 280, "orange: turned by e^(−2πik/n) first; n/2 · log₂ n products in all", {
    color: "soft",
  });
}
