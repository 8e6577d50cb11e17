/**
 * Tries the tile shapes an adapter can take, on the sizes the project has, and keeps for each kernel the one
 * that was fastest. A candidate whose result is wrong is out; one within the spread of the default gives way
 * to it, so that noise does not decide.
 */
import type { GpuCaps, GpuLaunch } from "../engine/backend.ts";
import type { Device } from "../engine/device.ts";
import type { Precision } from "../engine/dtype.ts";
import { gpuAttention } from "../engine/ops/attention_gpu.ts";
import { cast } from "../engine/ops/cast.ts";
import { gpuMatmul } from "../engine/ops/matmul_plan.ts";
import type { Tensor } from "../engine/tensor.ts";
import {
  attentionFits,
  type AttentionShare,
  type AttentionTile,
  bothPrecisions,
  convFits,
  type ConvKind,
  type ConvTile,
  matmulFits,
  type MatmulTile,
  type TileOutputs,
  type Tiles,
} from "../engine/tiles.ts";
import { timeRuns } from "./measure.ts";
import type { Peaks, Timing } from "./row.ts";
import { attentionCall, attentionLadder } from "./rungs/attention.ts";
import { convLadder } from "./rungs/conv2d.ts";
import {
  type Dims,
  ladderInputs,
  type Problem,
  ReadyRung,
  type RungCall,
  rungError,
  type RungPlan,
} from "./rungs/ladder.ts";
import { matmulLadder } from "./rungs/matmul.ts";
import { attentionGradProblem, planAttentionGrad } from "./tune_attention.ts";
import { CONV1D_LAYERS, conv1dProblem, conv1dWeightProblem, planConv1d } from "./tune_conv1d.ts";
import { CONV2D_LAYERS, convWeightProblem, planConv2d } from "./tune_conv2d.ts";

export interface TuneOptions {
  readonly peaks: Peaks;
  /** What operands are kept in. */
  readonly precision: Precision;
  /** Shapes that give way only to faster ones; default: the device's own. */
  readonly from?: Tiles;
  /** Small problems, for a trial; default: those of the models. */
  readonly tiny?: boolean;
  /** After so many, what was not tried yet keeps its shape; default: all is tried. */
  readonly seconds?: number;
  readonly onTried?: (line: string) => void;
}

/** The best tiles found on `device`, a GPU, for operands in one precision. */
export async function tune(device: Device, options: TuneOptions): Promise<Tiles> {
  const { backend } = device;
  if (backend.kind !== "webgpu") throw new Error("tune: needs a GPU");
  // Tiles are for what cooperative matrices do not suit.
  const caps: GpuCaps = { ...backend.caps, software: false, cooperativeMatrix: false };
  const { precision, tiny = false } = options;
  const tiles = options.from ?? caps.tiles[precision];
  const changed = (some: Partial<Tiles>): GpuCaps => ({
    ...caps,
    tiles: bothPrecisions({ ...tiles, ...some }),
  });
  const search = new Search(device, options);

  const matmulOf = (size: "large" | "small", dims: Dims) =>
    search.best<MatmulTile>({
      what: `matmul, ${size}`,
      problem: matmulLadder,
      dims,
      first: tiles.matmul[size],
      candidates: MATMUL_TILES.filter((t) => matmulFits(t, caps)),
      plan: (call, tile) => ({
        launches: gpuMatmul(
          { ...call, attrs: { transposeA: false, transposeB: false } },
          changed({ matmul: { large: tile, small: tile } }),
          false,
        ),
      }),
    });
  const convOf = (kind: ConvKind, outputs: TileOutputs) =>
    search.best<ConvTile>({
      what: `${CONVS[kind].problem.name}, ${outputs} outputs`,
      problem: CONVS[kind].problem,
      dims: tiny ? CONVS[kind].tiny(outputs) : CONVS[kind].layers[outputs],
      first: tiles[kind][outputs],
      candidates: CONV_TILES.filter((t) => convFits(t, outputs, caps)),
      plan: (call, tile) => ({
        launches: CONVS[kind].plan(
          call,
          changed({ [kind]: { ...tiles[kind], [outputs]: tile } }),
        ),
      }),
    });
  const attentionOf = (kind: "attention" | "attentionGrad", share: AttentionShare) =>
    search.best<AttentionTile>({
      what: `${ATTENTIONS[kind].problem.name}, ${16 * share} channels a head`,
      problem: ATTENTIONS[kind].problem,
      dims: tiny ? [1, 20, 1, 16 * share] : [4, 199, share === 4 ? 12 : 6, 16 * share],
      first: tiles[kind][share],
      candidates: ATTENTION_TILES.filter((t) => attentionFits(t, share, caps)),
      plan: (call, tile) =>
        ATTENTIONS[kind].plan(call, changed({ [kind]: { ...tiles[kind], [share]: tile } })),
    });
  // What has most to gain is tried first.
  const each = async (kind: ConvKind) => ({
    64: await convOf(kind, 64),
    32: await convOf(kind, 32),
    16: await convOf(kind, 16),
  });
  return {
    matmul: {
      large: await matmulOf("large", tiny ? [132, 64, 132] : [2048, 2048, 2048]),
      small: await matmulOf("small", tiny ? [36, 64, 36] : [174, 768, 3072]),
    },
    conv: await each("conv"),
    convWeight: await each("convWeight"),
    attention: {
      4: await attentionOf("attention", 4),
      8: await attentionOf("attention", 8),
    },
    attentionGrad: {
      4: await attentionOf("attentionGrad", 4),
      8: await attentionOf("attentionGrad", 8),
    },
    conv1d: await each("conv1d"),
    conv1dWeight: await each("conv1dWeight"),
  };
}

const MATMUL_TILES: readonly MatmulTile[] = [
  ...[[128, 128], [128, 64], [64, 128], [64, 64]].flatMap(([rows, columns]) =>
    [8, 16].flatMap((depth) =>
      ([1, 2] as const).map((buffers): MatmulTile => ({ rows, columns, depth, side: 8, buffers }))
    )
  ),
  ...[[64, 64], [64, 32], [32, 64], [32, 32]].flatMap(([rows, columns]) =>
    [16, 32].map((depth): MatmulTile => ({ rows, columns, depth, side: 4, buffers: 1 }))
  ),
];

const CONV_TILES: readonly ConvTile[] = ([4, 8] as const).flatMap((side) =>
  [32, 64, 128, 256].flatMap((across) => [8, 16].map((depth) => ({ across, depth, side })))
);

const ATTENTION_TILES: readonly AttentionTile[] = [4, 8, 16, 32].map((keys) => ({ keys }));

/** Layers of a trial. */
const small = (outputs: TileOutputs): Dims => [2, 3, 8, 8, outputs];
const small1d = (outputs: TileOutputs): Dims => [2, 33, 3, outputs, 3];

/** What is timed of each kind of convolution. */
const CONVS: Readonly<Record<ConvKind, ConvContest>> = {
  conv: {
    problem: convLadder,
    layers: CONV2D_LAYERS,
    tiny: small,
    plan: (call, caps) => planConv2d("conv", call, caps),
  },
  convWeight: {
    problem: convWeightProblem,
    layers: CONV2D_LAYERS,
    tiny: small,
    plan: (call, caps) => planConv2d("convWeight", call, caps),
  },
  conv1d: {
    problem: conv1dProblem,
    layers: CONV1D_LAYERS,
    tiny: small1d,
    plan: (call, caps) => planConv1d("conv1d", call, caps),
  },
  conv1dWeight: {
    problem: conv1dWeightProblem,
    layers: CONV1D_LAYERS,
    tiny: small1d,
    plan: (call, caps) => planConv1d("conv1dWeight", call, caps),
  },
};

interface ConvContest {
  readonly problem: Problem;
  readonly layers: Readonly<Record<TileOutputs, Dims>>;
  readonly tiny: (outputs: TileOutputs) => Dims;
  plan(call: RungCall, caps: GpuCaps): GpuLaunch[];
}

/** What is timed of attention. */
const ATTENTIONS = {
  attention: {
    problem: attentionLadder,
    plan: (call: RungCall, caps: GpuCaps): RungPlan<GpuLaunch> => ({
      launches: gpuAttention(attentionCall(call), caps),
    }),
  },
  attentionGrad: { problem: attentionGradProblem, plan: planAttentionGrad },
};

interface Contest<T> {
  readonly what: string;
  readonly problem: Problem;
  readonly dims: Dims;
  /** The shape held now. */
  readonly first: T;
  readonly candidates: readonly T[];
  plan(call: RungCall, tile: T): RungPlan<GpuLaunch>;
}

/** f32 sums in another order differ by this much at most, relative to the largest. */
const TOLERANCE = 1e-4;

class Search {
  readonly #device: Device;
  readonly #options: TuneOptions;
  readonly #deadline: number;

  constructor(device: Device, options: TuneOptions) {
    const { seconds = Infinity } = options;
    this.#device = device;
    this.#options = options;
    this.#deadline = performance.now() + 1000 * seconds;
  }

  async best<T extends object>(contest: Contest<T>): Promise<T> {
    const { problem, dims, first, candidates } = contest;
    const what = `${contest.what}, ${this.#options.precision}`;
    const late = () => performance.now() > this.#deadline;
    if (late()) {
      this.#options.onTried?.(`${what}: ${JSON.stringify(first)}, no time left to try others`);
      return first;
    }
    const inputs = this.#inputs(problem, dims);
    const values = await Promise.all(inputs.map((t) => t.data()));
    const same = (a: T, b: T) => JSON.stringify(a) === JSON.stringify(b);
    let best = first;
    let record = await this.#time(contest, inputs, values, first);
    for (const tile of candidates) {
      if (same(tile, first) || late()) continue;
      const timing = await this.#time(contest, inputs, values, tile);
      if (timing && (!record || timing.high < record.low)) [best, record] = [tile, timing];
    }
    for (const t of inputs) t.dispose();
    const time = record ? `${(record.seconds * 1e6).toFixed(0)} µs` : "none works";
    this.#options.onTried?.(`${what}: ${JSON.stringify(best)}, ${time}`);
    return best;
  }

  /** All but biases in the precision tuned for, as ops take them. */
  #inputs(problem: Problem, dims: Dims): Tensor[] {
    return ladderInputs(problem, this.#device, dims).map((x) => {
      if (x.shape.length === 1) return x;
      const taken = this.#device.keep(cast(x, this.#options.precision));
      if (taken !== x) x.dispose();
      return taken;
    });
  }

  /** Null where the tile gives wrong results or does not compile here. */
  async #time<T>(
    { problem, dims, plan }: Contest<T>,
    inputs: readonly Tensor[],
    values: readonly ArrayLike<number>[],
    tile: T,
  ): Promise<Timing | null> {
    const rung = {
      kind: "webgpu",
      file: "",
      title: "",
      plan: (call: RungCall) => plan(call, tile),
    } as const;
    using ready = new ReadyRung(problem, rung, this.#device, inputs, dims);
    ready.run();
    if (!(await rungError(problem, ready, values, dims, 16) <= TOLERANCE)) return null;
    const { peaks } = this.#options;
    return await timeRuns(() => ready.run(), this.#device, { budget: 0.15, minRuns: 5, peaks });
  }
}
