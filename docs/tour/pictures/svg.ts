/** A few shapes that write themselves as SVG; enough for the tour's pictures, legible on any page. */

export const COLORS = {
  ink: "#1f2933",
  soft: "#7b8794",
  paper: "#ffffff",
  blue: "#3b6fb6",
  orange: "#d9822b",
  green: "#3a9a6a",
  lightBlue: "#d6e4f5",
  lightOrange: "#fbe6cc",
  lightGreen: "#d5efe1",
  light: "#eef2f6",
} as const;

export type Color = keyof typeof COLORS;

interface BoxStyle {
  readonly fill?: Color;
  readonly label?: string;
  readonly size?: number;
}

interface TextStyle {
  readonly size?: number;
  readonly color?: Color;
  readonly anchor?: "start" | "middle" | "end";
}

/** A drawing; coordinates in pixels from the top left. */
export class Picture {
  readonly #parts: string[] = [];

  constructor(readonly title: string, readonly width: number, readonly height: number) {}

  text(x: number, y: number, words: string, style: TextStyle = {}): this {
    const { size = 14, color = "ink", anchor = "middle" } = style;
    this.#parts.push(
      `<text x="${n(x)}" y="${n(y)}" font-size="${size}" fill="${COLORS[color]}" ` +
        `text-anchor="${anchor}">${escape(words)}</text>`,
    );
    return this;
  }

  box(x: number, y: number, width: number, height: number, style: BoxStyle = {}): this {
    const { fill = "light", label, size = 14 } = style;
    this.#parts.push(
      `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="3" ` +
        `fill="${COLORS[fill]}" stroke="${COLORS.ink}" stroke-width="1"/>`,
    );
    return label === undefined
      ? this
      : this.text(x + width / 2, y + height / 2 + size * 0.35, label, { size });
  }

  /** A table of equal cells, row by row. */
  cells(
    x: number,
    y: number,
    side: number,
    table: readonly (readonly (number | string)[])[],
    fill: Color | ((row: number, column: number) => Color) = "light",
  ): this {
    table.forEach((line, i) =>
      line.forEach((value, j) =>
        this.box(x + j * side, y + i * side, side, side, {
          fill: typeof fill === "string" ? fill : fill(i, j),
          label: String(value),
          size: Math.min(14, side * 0.45),
        })
      )
    );
    return this;
  }

  line(points: readonly (readonly [number, number])[], color: Color = "ink", width = 1.5): this {
    const path = points.map(([x, y]) => `${n(x)},${n(y)}`).join(" ");
    this.#parts.push(
      `<polyline points="${path}" fill="none" stroke="${COLORS[color]}" stroke-width="${width}"/>`,
    );
    return this;
  }

  arrow(
    from: readonly [number, number],
    to: readonly [number, number],
    color: Color = "ink",
  ): this {
    const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
    const wing = (turn: number): [number, number] => [
      to[0] - 8 * Math.cos(angle + turn),
      to[1] - 8 * Math.sin(angle + turn),
    ];
    return this.line([from, to], color).line([wing(0.45), to, wing(-0.45)], color);
  }

  toString(): string {
    const { title, width, height } = this;
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
      `width="${width}" height="${height}" font-family="system-ui, sans-serif" role="img">`,
      `<title>${escape(title)}</title>`,
      `<rect width="${width}" height="${height}" rx="8" fill="${COLORS.paper}"/>`,
      ...this.#parts,
      "</svg>\n",
    ].join("\n");
  }
}

/** At most two decimals. */
function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escape(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
