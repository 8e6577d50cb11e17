/**
 * What the kernels of convolution over time are told, channels last. One form (`Conv1dPlan`) covers
 * forward convolution and the gradient of its input: where the stride is 1 that is a convolution with
 * flipped weights; otherwise the times of each residue of the stride are one (see `axisPhase`).
 */
import type { Memory, Param } from "../backend.ts";
import type { Shape } from "../shape.ts";
import { axisPhase } from "./conv_plan.ts";

export interface Conv1dAttrs {
  readonly stride: number;
  /** Zeros before and after. */
  readonly padding: readonly [number, number];
  readonly dilation: number;
  readonly groups: number;
}

/**
 * out[image, first + t·step, group, o] = Σ over channels c, taps j of
 * in[image, t·stride − before + j·dilation, group, c] · weight, for t < count.
 */
export interface Conv1dPlan {
  readonly images: number;
  readonly groups: number;
  /** Channels read and written by a group. */
  readonly channels: number;
  readonly outputs: number;
  /** Times of the input, taps, then how taps move over it. */
  readonly length: number;
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
  /** Zeros before the input; negative: it starts further in. */
  readonly before: number;
  /** Times computed, times of the output, and where in it they go. */
  readonly count: number;
  readonly outLength: number;
  readonly first: number;
  readonly step: number;
  /** Where the weight of (group, output, channel, tap) lies: a start and strides. */
  readonly weights: {
    readonly first: number;
    readonly group: number;
    readonly output: number;
    readonly channel: number;
    readonly tap: number;
  };
}

/** Convolution of x [B, T, C] with w [O, C/groups, K] to out [B, T', O]. */
export function forwardPlan(x: Shape, w: Shape, out: Shape, attrs: Conv1dAttrs): Conv1dPlan {
  const [images, length] = x;
  const [outputs, channels, taps] = w;
  const { groups, stride, dilation, padding } = attrs;
  return {
    images,
    groups,
    channels,
    outputs: outputs / groups,
    length,
    taps,
    stride,
    dilation,
    before: padding[0],
    count: out[1],
    outLength: out[1],
    first: 0,
    step: 1,
    weights: {
      first: 0,
      group: outputs / groups * channels * taps,
      output: channels * taps,
      channel: taps,
      tap: 1,
    },
  };
}

/**
 * Gradient of x [B, T, C] from that of the output, g [B, T', O], with w [O, C/groups, K]: a plan for
 * each residue of the stride that has times. Together they write all of the gradient.
 */
export function inputGradientPlans(
  g: Shape,
  w: Shape,
  x: Shape,
  attrs: Conv1dAttrs,
): Conv1dPlan[] {
  const [images, length] = g;
  const [outputs, channels, taps] = w;
  const { groups, stride, dilation, padding: [padding] } = attrs;
  const plans: Conv1dPlan[] = [];
  for (let residue = 0; residue < stride; residue++) {
    const phase = axisPhase(residue, x[1], taps, { stride, dilation, padding });
    if (phase.count === 0) continue;
    plans.push({
      images,
      groups,
      channels: outputs / groups,
      outputs: channels,
      length,
      taps: phase.taps,
      stride: 1,
      dilation: phase.dilation,
      before: phase.before,
      count: phase.count,
      outLength: x[1],
      first: phase.first,
      step: stride,
      weights: {
        // Taps run backwards: the last that meets these times comes first.
        first: phase.firstTap + (phase.taps - 1) * phase.tapStep,
        group: outputs / groups * channels * taps,
        output: taps,
        channel: channels * taps,
        tap: -phase.tapStep,
      },
    });
  }
  return plans;
}

/** The plan as both backends' kernels read it, 13 words. */
export function planParams(p: Conv1dPlan): Param[] {
  return [
    p.images,
    p.groups,
    p.channels,
    p.outputs,
    p.length,
    p.taps,
    p.stride,
    p.dilation,
    p.before,
    p.count,
    p.outLength,
    p.first,
    p.step,
  ];
}

/** Its weights' layout, 5 words. */
export function weightParams({ weights: w }: Conv1dPlan): Param[] {
  return [w.first, w.group, w.output, w.channel, w.tap];
}

/** What a convolution reads and writes, and where it takes scratch. */
export interface Conv1dBuffers {
  /** x and w are f16; default false. */
  readonly half?: boolean;
  readonly x: Memory;
  readonly w: Memory;
  readonly bias?: Memory;
  readonly out: Memory;
  scratch(words: number): Memory;
}

/** The same for the gradient of the weights. */
export interface Conv1dWeightBuffers {
  /** x and g are f16; default false. */
  readonly half?: boolean;
  readonly x: Memory;
  readonly g: Memory;
  readonly out: Memory;
  scratch(words: number): Memory;
}
