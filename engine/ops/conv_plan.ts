/**
 * What the convolution kernels are told. One form (`ConvPlan`) covers forward convolution, and the
 * gradient of its input, which is also transposed convolution: where the stride is 1 that is a
 * convolution with flipped weights; otherwise the positions of each residue of the stride are one,
 * with the taps that meet them.
 */
import type { Memory, Param } from "../backend.ts";
import type { Shape } from "../shape.ts";

/** Rows and columns. */
export type Pair = readonly [number, number];

export interface ConvAttrs {
  /** Rows, columns. */
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly groups: number;
}

/**
 * out[image, group, o, firstY + y·stepY, firstX + x·stepX] = Σ over channels c, taps (i, j) of
 * in[image, group, c, y·strideY − top + i·dilationY, x·strideX − left + j·dilationX] · weight.
 */
export interface ConvPlan {
  readonly images: number;
  readonly groups: number;
  /** Channels read and written by a group. */
  readonly channels: number;
  readonly outputs: number;
  /** Plane of the input, taps, then how taps move over it. */
  readonly size: Pair;
  readonly taps: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  /** Zeros before the input's first row and column; negative: it starts further in. */
  readonly before: Pair;
  /** Positions computed, the output's plane, and where in it they go. */
  readonly count: Pair;
  readonly outSize: Pair;
  readonly first: Pair;
  readonly step: Pair;
  readonly weights: WeightLayout;
}

/** Where the weight of (group, output, channel, tap row, tap column) lies: a start and strides. */
export interface WeightLayout {
  readonly first: number;
  readonly group: number;
  readonly output: number;
  readonly channel: number;
  readonly row: number;
  readonly column: number;
}

/** Convolution of x [N, C, H, W] with w [O, C/groups, KH, KW] to out [N, O, OH, OW]. */
export function forwardPlan(x: Shape, w: Shape, out: Shape, attrs: ConvAttrs): ConvPlan {
  const [images, , height, width] = x;
  const [outputs, channels, high, wide] = w;
  const { groups } = attrs;
  return {
    images,
    groups,
    channels,
    outputs: outputs / groups,
    size: [height, width],
    taps: [high, wide],
    stride: attrs.stride,
    dilation: attrs.dilation,
    before: attrs.padding,
    count: [out[2], out[3]],
    outSize: [out[2], out[3]],
    first: [0, 0],
    step: [1, 1],
    weights: {
      first: 0,
      group: outputs / groups * channels * high * wide,
      output: channels * high * wide,
      channel: high * wide,
      row: wide,
      column: 1,
    },
  };
}

/** One axis of the input's gradient at the positions ≡ `residue` − padding (mod stride). */
export interface AxisPhase {
  readonly taps: number;
  readonly firstTap: number;
  readonly tapStep: number;
  readonly dilation: number;
  readonly before: number;
  readonly first: number;
  readonly count: number;
}

export function axisPhase(
  residue: number,
  size: number,
  taps: number,
  attrs: AxisAttrs,
): AxisPhase {
  const { stride, dilation, padding } = attrs;
  const shared = gcd(stride, dilation);
  const tapStep = stride / shared;
  let firstTap = 0;
  while (firstTap < tapStep && firstTap * dilation % stride !== residue) firstTap++;
  const met = firstTap < tapStep ? Math.max(0, Math.ceil((taps - firstTap) / tapStep)) : 0;
  const j = Math.max(0, Math.ceil((padding - residue) / stride));
  const first = stride * j + residue - padding;
  const shift = met > 0 ? (residue - firstTap * dilation) / stride : 0;
  return {
    taps: met,
    firstTap,
    tapStep,
    dilation: dilation / shared,
    before: Math.max(0, met - 1) * (dilation / shared) - shift - j,
    first,
    count: first < size ? Math.floor((size - 1 - first) / stride) + 1 : 0,
  };
}

export interface AxisAttrs {
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

/**
 * Gradient of x [N, C, H, W] from that of the output, g [N, O, OH, OW], with w [O, C/groups, KH, KW]:
 * a plan for each residue of the strides that has positions.
 */
export function inputGradientPlans(g: Shape, w: Shape, x: Shape, attrs: ConvAttrs): ConvPlan[] {
  const [images, , height, width] = g;
  const [outputs, channels, high, wide] = w;
  const { groups } = attrs;
  const axis = (i: 0 | 1): AxisAttrs => ({
    stride: attrs.stride[i],
    padding: attrs.padding[i],
    dilation: attrs.dilation[i],
  });
  const plans: ConvPlan[] = [];
  for (let ry = 0; ry < attrs.stride[0]; ry++) {
    for (let rx = 0; rx < attrs.stride[1]; rx++) {
      const y = axisPhase(ry, x[2], high, axis(0));
      const z = axisPhase(rx, x[3], wide, axis(1));
      if (y.count === 0 || z.count === 0) continue;
      const lastY = y.firstTap + (y.taps - 1) * y.tapStep;
      const lastX = z.firstTap + (z.taps - 1) * z.tapStep;
      plans.push({
        images,
        groups,
        channels: outputs / groups,
        outputs: channels,
        size: [height, width],
        taps: [y.taps, z.taps],
        stride: [1, 1],
        dilation: [y.dilation, z.dilation],
        before: [y.before, z.before],
        count: [y.count, z.count],
        outSize: [x[2], x[3]],
        first: [y.first, z.first],
        step: attrs.stride,
        weights: {
          first: lastY * wide + lastX,
          group: outputs / groups * channels * high * wide,
          output: high * wide,
          channel: channels * high * wide,
          row: -y.tapStep * wide,
          column: -z.tapStep,
        },
      });
    }
  }
  return plans;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** The plan as both backends' kernels read it, 22 words. */
export function planParams(p: ConvPlan): Param[] {
  return [
    p.images,
    p.groups,
    p.channels,
    p.outputs,
    ...p.size,
    ...p.taps,
    ...p.stride,
    ...p.dilation,
    ...p.before,
    ...p.count,
    ...p.outSize,
    ...p.first,
    ...p.step,
  ];
}

/** Its weights' layout, 6 words. */
export function weightParams({ weights: w }: ConvPlan): Param[] {
  return [w.first, w.group, w.output, w.channel, w.row, w.column];
}

/** What a convolution reads and writes, and where it takes scratch. */
export interface ConvBuffers {
  /** x and w are f16; default false. */
  readonly half?: boolean;
  readonly x: Memory;
  readonly w: Memory;
  readonly bias?: Memory;
  readonly out: Memory;
  scratch(words: number): Memory;
}

/** The same for the gradients of weights and bias. */
export interface ConvWeightBuffers {
  /** x and g are f16; default false. */
  readonly half?: boolean;
  readonly x: Memory;
  readonly g: Memory;
  readonly weights: Memory;
  readonly biases: Memory;
  scratch(words: number): Memory;
}
