/** How examples write numbers: fixed decimals, right-aligned, no negative zero. */

export function fixed(value: number, digits = 2): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text;
}

/** Numbers side by side. */
export function row(values: ArrayLike<number>, digits = 2): string {
  return Array.from(values, (v) => fixed(v, digits).padStart(digits + 4)).join("");
}

/** `[1.00, -2.00]`, for the middle of a line. */
export function list(values: ArrayLike<number>, digits = 2): string {
  return `[${Array.from(values, (v) => fixed(v, digits)).join(", ")}]`;
}

/** Largest absolute difference. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a, (v, i) => Math.abs(v - b[i])).reduce((m, d) => Math.max(m, d), 0);
}

/** `below 1e-5`, or what it is: the last digits of f32 sums differ between machines. */
export function below(value: number, bound: number): string {
  return value <= bound ? `below ${bound.toExponential()}` : value.toExponential(1);
}
