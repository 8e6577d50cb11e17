/** Running medians, which tell lines from noise in a spectrogram; without a gradient. */
import { linearGrid } from "../backend.ts";
import { defineOp, type Op } from "../op.ts";
import { formatShape, normalizeAxis } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { grainFor } from "./copy_plan.ts";
import { transpose } from "./movement.ts";

const WIDTHS = [3, 7, 15, 31, 63];
const COLUMNS = 8; // of an item, and words of a row in the kernel's scratch

interface MedianAttrs {
  readonly width: number;
}

/** Down the rows of a matrix. */
const medianOp: Op<MedianAttrs> = defineOp<MedianAttrs>({
  name: "runningMedian",
  infer: ([x], { width }) => {
    if (x.dtype !== "f32" || x.shape.length !== 2) {
      throw new Error(
        `runningMedian: needs f32 of rank 2, got ${x.dtype} ${formatShape(x.shape)}`,
      );
    }
    if (!WIDTHS.includes(width)) {
      throw new Error(`runningMedian: the width is one of ${WIDTHS.join(", ")}, got ${width}`);
    }
    return [{ shape: x.shape, dtype: "f32" }];
  },
  cpu: ({ inputs: [x], outputs: [out], attrs: { width }, scratch }, caps) => {
    const [rows, columns] = x.shape;
    const t = (width + 1) / 2;
    const items = Math.ceil(rows / t) * Math.ceil(columns / COLUMNS);
    return [{
      kernel: "runningMedian",
      buffers: [x.memory, scratch(caps.threads * 6 * t * COLUMNS), out.memory],
      params: [rows, columns, t],
      items,
      grain: grainFor(items, 20 * t * COLUMNS, caps),
    }];
  },
  gpu: ({ inputs: [x], outputs: [out], attrs: { width } }) => [{
    shader: "running_median",
    buffers: [x.memory, out.memory],
    params: [x.shape[0], x.shape[1], width],
    grid: linearGrid(out.size),
  }],
  backward: null,
});

/**
 * Median of every `width` neighbours along one axis of a matrix [R, C], centred; beyond the ends the
 * values are mirrored (… b a | a b c | c b …), as `scipy.ndimage.median_filter(mode="reflect")`.
 *
 * @param width 3, 7, 15, 31 or 63. Where x is NaN, values near it are undefined.
 */
export function runningMedian(
  x: Tensor,
  { width, axis }: { readonly width: number; readonly axis: number },
): Tensor {
  if (x.rank !== 2 || normalizeAxis("runningMedian", axis, 2) === 0) {
    return medianOp.apply([x], { width })[0];
  }
  return transpose(medianOp.apply([transpose(x)], { width })[0]);
}
