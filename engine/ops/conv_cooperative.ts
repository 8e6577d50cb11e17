/**
 * Convolutions of halves on cooperative matrices, where an adapter has them: which they suit, and their
 * launches. Others take the shaders that any adapter runs.
 */
import { type GpuLaunch, linearGrid } from "../backend.ts";
import { type ConvBuffers, type ConvPlan, planParams, weightParams } from "./conv_plan.ts";

/** Outputs and channels of a matrix; fewer would leave most of it empty. */
const SIDE = 16;
/** Positions of a workgroup; channels of one that makes the weights' gradient. */
const ACROSS = 32;
const CHANNELS = 32;

/** Rows of matrices a workgroup makes: as many outputs as there are use for. */
function rowsOf(outputs: number): 1 | 2 | 4 {
  return outputs <= SIDE ? 1 : outputs <= 2 * SIDE ? 2 : 4;
}

/** Whether there are channels and outputs enough to fill matrices. */
export function suitsCooperative({ channels, outputs }: ConvPlan): boolean {
  return channels >= SIDE && outputs >= SIDE;
}

/** Launches of `shaders/conv_cooperative*.wgsl` that compute what `plan` says. */
export function cooperativeConv(
  plan: ConvPlan,
  { x, w, bias, out, scratch }: ConvBuffers,
  relu: boolean,
): GpuLaunch[] {
  const { images, groups, channels, outputs, taps, count } = plan;
  const rows = rowsOf(outputs);
  const down = Math.ceil(outputs / SIDE / rows);
  const across = Math.ceil(images * count[0] * count[1] / ACROSS);
  const tall = down * rows * SIDE, deep = Math.ceil(channels / SIDE) * SIDE;
  const pairs = groups * taps[0] * taps[1] * tall * deep / 2;
  const packed = scratch(pairs);
  return [{
    shader: "conv_cooperative_weights",
    buffers: [w, packed],
    params: [groups, channels, outputs, ...taps, tall, deep, ...weightParams(plan)],
    grid: linearGrid(pairs),
  }, {
    shader: "conv_cooperative",
    constants: { HALF: 1, BIAS: Number(bias !== undefined), RELU: Number(relu), ROWS: rows },
    // A binding must be filled: without a bias, the weights stand in unread.
    buffers: [x, packed, bias ?? w, out],
    params: [...planParams(plan), ...weightParams(plan)],
    grid: linearGrid(groups * down * across, 1),
  }];
}

/**
 * Whether `shaders/conv_weight_cooperative.wgsl` can make the weights' gradient: channels and outputs enough,
 * outputs whole matrices, and planes whole 16s, so that gradients are read from where they lie.
 */
export function suitsCooperativeWeight(plan: ConvPlan): boolean {
  const { channels, outputs, count } = plan;
  return channels >= SIDE && outputs > 0 && outputs % SIDE === 0 &&
    count[0] * count[1] % SIDE === 0;
}

/** Its shader and constants, and tiles a chunk, a workgroup each. */
export function cooperativeWeight({ groups, channels, outputs, taps }: ConvPlan) {
  const rows = outputs % (4 * SIDE) === 0 ? 4 : outputs % (2 * SIDE) === 0 ? 2 : 1;
  const across = taps[0] * taps[1] * Math.ceil(channels / CHANNELS) + 1;
  return {
    shader: "conv_weight_cooperative",
    constants: { HALF: 1, ROWS: rows },
    tiles: groups * (outputs / SIDE / rows) * across,
    size: 1,
    threads: 32,
  };
}
