/**
 * Ladders: the same kernel in several versions, from the definition to the production one. A rung says what to
 * launch, as an op does, but stands in no registry and has no gradient; all rungs of a ladder are held against
 * one float64 reference and timed on the same inputs.
 */
import {
  type CpuCaps,
  type CpuLaunch,
  type GpuCaps,
  type GpuLaunch,
  linearGrid,
  type Memory,
} from "../../engine/backend.ts";
import type { Device } from "../../engine/device.ts";
import type { Arg, Call } from "../../engine/op.ts";
import { normal } from "../../engine/ops/random_ops.ts";
import { Random } from "../../engine/random.ts";
import { type Shape, sizeOf } from "../../engine/shape.ts";
import { Storage } from "../../engine/storage.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { sampledError, spread } from "../sampled_error.ts";
import type { Check } from "../sizes.ts";

/** Sizes of a problem, in the ladder's own order. */
export type Dims = readonly number[];

/** What a rung may use: inputs, one output, scratch, and tables of its own. */
export interface RungCall extends Call<Dims> {
  /** Memory that holds `values`. */
  table(values: Float32Array): Memory;
}

/** Launches of one run; those of `before` run once and are not timed. */
export interface RungPlan<Launch> {
  readonly before?: readonly Launch[];
  readonly launches: readonly Launch[];
}

interface RungBase {
  /** From the root of the project: the file whose head says what changed. */
  readonly file: string;
  /** A few words. */
  readonly title: string;
  /** Largest error relative to the largest magnitude; default 1e-5. */
  readonly tolerance?: number;
  /** Beyond the ladder, and not what production takes: where an adapter offers more, or a card has yet to judge. */
  readonly beyond?: boolean;
}

export interface CpuRung extends RungBase {
  readonly kind: "cpu";
  plan(call: RungCall, caps: CpuCaps): RungPlan<CpuLaunch>;
}

export interface GpuRung extends RungBase {
  readonly kind: "webgpu";
  /** The feature it needs, where this adapter does not have it; else null. */
  lacks?(caps: GpuCaps): string | null;
  /** Whether it can do this size; default any. */
  suits?(dims: Dims): boolean;
  plan(call: RungCall, caps: GpuCaps): RungPlan<GpuLaunch>;
}

export type Rung = CpuRung | GpuRung;

const COOPERATIVE = "wgpu-cooperative-matrix";

/** What rungs on cooperative matrices need. */
export const lacksCooperative: GpuRung["lacks"] = ({ f16, cooperativeMatrix }) =>
  !f16 ? "shader-f16" : cooperativeMatrix ? null : COOPERATIVE;

/** Inputs as halves, and the launches that make them, before the clock runs. */
export function asHalves(
  inputs: readonly Arg[],
  scratch: RungCall["scratch"],
): { readonly before: GpuLaunch[]; readonly inputs: Arg[] } {
  const halves = inputs.map((x) => ({
    ...x,
    dtype: "f16" as const,
    memory: scratch(Math.ceil(x.size / 2)),
  }));
  const before = inputs.map((x, i): GpuLaunch => ({
    shader: "cast",
    constants: { TO_HALF: 1 },
    buffers: [x.memory, halves[i].memory],
    params: [x.size],
    grid: linearGrid(Math.ceil(x.size / 2)),
  }));
  return { before, inputs: halves };
}

/** Sizes timed on the CPU, on a GPU and on a software adapter, and those that tests try. */
export interface LadderSizes {
  readonly cpu: Dims;
  readonly gpu: Dims;
  readonly software: Dims;
  readonly tests: readonly Dims[];
}

/** What is to be computed, whoever does it. */
export interface Problem {
  readonly name: string;
  /** What the dimensions are, `MxKxN`. */
  readonly dims: string;
  /** What a size must be besides; left out where any will do. */
  readonly check?: Check;
  shapes(dims: Dims): Shape[];
  output(dims: Dims): Shape;
  flops(dims: Dims): number;
  /** Operations of the slowest rung; left out where all rungs do the same. */
  most?(dims: Dims): number;
  /** Bytes that must be moved at least. */
  bytes(dims: Dims): number;
  /** Element `i` of the result in float64. */
  expected(inputs: readonly ArrayLike<number>[], dims: Dims, i: number): number;
}

export interface Ladder extends Problem {
  readonly sizes: LadderSizes;
  readonly rungs: readonly Rung[];
}

/** The rungs for a kind of device, naive first; those beyond production last. */
export function rungsFor({ rungs }: Ladder, { kind }: Device): readonly Rung[] {
  const own = rungs.filter((rung) => rung.kind === kind);
  return [...own.filter((r) => !r.beyond), ...own.filter((r) => r.beyond)];
}

/** Why a rung cannot run here; null where it can. */
export function obstacle(rung: Rung, { backend }: Device, dims: Dims): string | null {
  if (rung.kind === "cpu" || backend.kind === "cpu") return null;
  const lacking = rung.lacks?.(backend.caps) ?? null;
  if (lacking !== null) {
    const why = lacking === COOPERATIVE ? backend.caps.cooperativeLack : null;
    return `${why ?? "not offered by this adapter"}: ${lacking}`;
  }
  return rung.suits?.(dims) === false ? `not for ${dims.join("x")}` : null;
}

/** Random inputs of a problem on a device. */
export function ladderInputs(problem: Problem, device: Device, dims: Dims): Tensor[] {
  const random = Random.of(1, `ladder ${problem.name}`);
  return problem.shapes(dims).map((shape) => device.keep(normal(device, shape, random)));
}

/** A rung made ready: memory reserved, launches planned. */
export class ReadyRung implements Disposable {
  readonly output: Tensor;
  readonly #device: Device;
  readonly #memories: Storage[] = [];
  readonly #plan: RungPlan<CpuLaunch> | RungPlan<GpuLaunch>;

  constructor(problem: Problem, rung: Rung, device: Device, inputs: readonly Tensor[], dims: Dims) {
    const { backend } = device;
    this.#device = device;
    this.output = device.keep(device.empty(problem.output(dims)));
    const reserve = (elements: number) => {
      const storage = new Storage(backend, Math.max(elements, 1) * 4);
      this.#memories.push(storage);
      return storage.memory;
    };
    const call: RungCall = {
      attrs: dims,
      inputs: inputs.map(argOf),
      outputs: [argOf(this.output)],
      scratch: reserve,
      table(values) {
        const memory = reserve(values.length);
        backend.write(memory, values);
        return memory;
      },
    };
    if (rung.kind === "cpu" && backend.kind === "cpu") this.#plan = rung.plan(call, backend.caps);
    else if (rung.kind === "webgpu" && backend.kind === "webgpu") {
      this.#plan = rung.plan(call, backend.caps);
    } else throw new Error(`${rung.file}: not for ${device.name}`);
    this.#launch(this.#plan.before ?? []);
  }

  /** One run, as the backend takes it: at once, or recorded. */
  run(): void {
    this.#launch(this.#plan.launches);
  }

  #launch(launches: readonly (CpuLaunch | GpuLaunch)[]): void {
    const { backend } = this.#device;
    for (const launch of launches) {
      if (backend.kind === "cpu") backend.run(launch as CpuLaunch);
      else backend.run(launch as GpuLaunch);
    }
  }

  [Symbol.dispose](): void {
    this.output.dispose();
    for (const storage of this.#memories.splice(0)) storage.release();
  }
}

/** Error of a run at `samples` elements spread over the result; see `sampledError`. */
export async function rungError(
  problem: Problem,
  ready: ReadyRung,
  values: readonly ArrayLike<number>[],
  dims: Dims,
  samples?: number,
): Promise<number> {
  const actual = await ready.output.data();
  const right = (i: number) => problem.expected(values, dims, i);
  return sampledError(actual, right, spread(actual.length, samples));
}

function argOf(t: Tensor): Arg {
  return { shape: t.shape, dtype: t.dtype, memory: t.storage.memory, size: sizeOf(t.shape) };
}
