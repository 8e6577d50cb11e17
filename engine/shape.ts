/**
 * Shapes: sizes, row-major strides, NumPy broadcasting and axis bookkeeping.
 * Every tensor of the engine is contiguous in row-major order, so a shape says all there is to say
 * about a layout. A scalar has shape `[]` and one element.
 */

/** Sizes of a tensor's axes, outermost first. */
export type Shape = readonly number[];

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  let n = 1;
  for (const d of shape) n *= d;
  return n;
}

/** Row-major strides in elements: `[2, 3, 4]` → `[12, 4, 1]`. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i];
  }
  return strides;
}

/** A shape as error messages show it: `4×8`, or `scalar`. */
export function formatShape(shape: Shape): string {
  return shape.length === 0 ? "scalar" : shape.join("×");
}

/** Whether two shapes have the same axes. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i]);
}

/** Throws unless every dimension is a non-negative integer. */
export function checkShape(name: string, shape: Shape): void {
  if (!shape.every((d) => Number.isInteger(d) && d >= 0)) {
    throw new Error(`${name}: a shape needs non-negative integers, got [${shape.join(", ")}]`);
  }
}

/**
 * The shape two operands broadcast to by NumPy's rule: right-aligned, sizes equal or one of them 1.
 * Throws where they do not fit.
 */
export function broadcastShapes(name: string, a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  const out = new Array<number>(rank);
  for (let i = 0; i < rank; i++) {
    const da = a[a.length - rank + i] ?? 1;
    const db = b[b.length - rank + i] ?? 1;
    if (da !== db && da !== 1 && db !== 1) {
      throw new Error(`${name}: shapes do not broadcast (${formatShape(a)} and ${formatShape(b)})`);
    }
    out[i] = da === 1 ? db : da;
  }
  return out;
}

/** Strides of `shape` read as if it were broadcast to `out`: 0 along every stretched axis. */
export function broadcastStrides(shape: Shape, out: Shape): number[] {
  const own = stridesOf(shape);
  const lead = out.length - shape.length;
  return out.map((_, i) => i < lead || shape[i - lead] === 1 ? 0 : own[i - lead]);
}

/** One axis, counted from the end where negative. Throws where it is outside the rank. */
export function normalizeAxis(name: string, axis: number, rank: number): number {
  const a = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || a < 0 || a >= rank) {
    throw new Error(`${name}: axis ${axis} is outside a tensor of rank ${rank}`);
  }
  return a;
}

/** Axes sorted, each once; all of them for `undefined`. Throws on repeats and strangers. */
export function normalizeAxes(
  name: string,
  axes: number | readonly number[] | undefined,
  rank: number,
): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  const list = (typeof axes === "number" ? [axes] : axes).map((a) => normalizeAxis(name, a, rank));
  const sorted = [...new Set(list)].sort((a, b) => a - b);
  if (sorted.length !== list.length) throw new Error(`${name}: axes [${list}] name one axis twice`);
  return sorted;
}

/** Shape after reducing `axes` (already normalised): dropped, or kept with size 1. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  return keepDims
    ? shape.map((d, i) => axes.includes(i) ? 1 : d)
    : shape.filter((_, i) => !axes.includes(i));
}

/** Resolves one `-1` in a requested shape from the number of elements. Throws where it cannot fit. */
export function resolveShape(name: string, from: Shape, to: Shape): number[] {
  const total = sizeOf(from);
  const holes = to.filter((d) => d === -1).length;
  const known = to.reduce((n, d) => d === -1 ? n : n * d, 1);
  const out = holes === 1 && known > 0 && total % known === 0
    ? to.map((d) => d === -1 ? total / known : d)
    : [...to];
  if (holes > 1 || sizeOf(out) !== total || out.some((d) => d < 0)) {
    throw new Error(
      `${name}: ${formatShape(from)} (${total} elements) cannot become [${to.join(", ")}]`,
    );
  }
  return out;
}
