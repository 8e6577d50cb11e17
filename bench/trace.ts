/**
 * One training step, watched: what ran, for which op, on what shapes, for how long, with how much
 * memory. A first step, not watched, compiles the pipelines and grows the heap.
 * CPU launches are timed one by one. A GPU's are timed by timestamps where it has some that tell seconds;
 * else phases are timed with the queue drained behind each, and single launches not at all.
 */
import type { LaunchObserver, ObservedTensor } from "../engine/backend.ts";
import type { Device } from "../engine/device.ts";
import { formatShape } from "../engine/shape.ts";
import type { AnySystem } from "../models/system.ts";
import type { HostSpan, StepTrace, TracedLaunch } from "../report/trace.ts";
import { timestampsTellSeconds } from "./clocks.ts";
import { setUp } from "./set_up.ts";
import { TrainingStep } from "./training_step.ts";

const NO_TIMESTAMPS =
  "this adapter has no timestamps that tell seconds; phases alone, each with the queue drained";

/** Writes down what a backend does. */
class Recorder implements LaunchObserver {
  readonly ops: HostSpan[] = [];
  readonly launches: TracedLaunch[] = [];
  readonly started = performance.now();
  readonly #device: Device;
  #phase = "";
  #op: { readonly name: string; readonly shapes: string; readonly began: number } | null = null;

  constructor(device: Device) {
    this.#device = device;
  }

  /** Seconds since the step began. */
  get now(): number {
    return (performance.now() - this.started) / 1000;
  }

  phase(name: string): void {
    this.#phase = name;
  }

  opBegan(name: string, inputs: readonly ObservedTensor[], outputs: readonly ObservedTensor[]) {
    const list = (tensors: readonly ObservedTensor[]) =>
      tensors.map(({ shape }) => formatShape(shape)).join(" ");
    this.#op = { name, shapes: `${list(inputs)} → ${list(outputs)}`, began: this.now };
  }

  opEnded(): void {
    const { name, began } = this.#op!;
    this.ops.push({ name, began, seconds: this.now - began });
    this.#op = null;
  }

  launched(
    launch: Parameters<LaunchObserver["launched"]>[0],
    seconds: number | null,
  ): void {
    const kernel = "kernel" in launch ? launch.kernel : launch.shader;
    this.launches.push({
      kernel,
      op: this.#op?.name ?? kernel,
      shapes: this.#op?.shapes ?? "",
      phase: this.#phase,
      began: seconds === null ? null : this.now - seconds,
      seconds,
      liveBytes: this.#device.backend.stats().liveBytes,
      boundBytes: launch.buffers.reduce((n, { bytes }) => n + bytes, 0),
    });
  }
}

/** Trains `system` for one step on made-up inputs of its real size, and tells what ran. */
export async function traceStep(
  system: AnySystem,
  device: Device,
  batch: number = system.recipe.batch,
): Promise<StepTrace> {
  const step = new TrainingStep(system, setUp(system, device, { batch }));
  const { backend } = device;
  try {
    for (const [, run] of step.phases()) run();
    await backend.finish();
    const stamped = backend.kind === "webgpu" && await timestampsTellSeconds(device) &&
      backend.startProfile();
    const recorder = new Recorder(device);
    const spans: HostSpan[] = [];
    backend.observer = recorder;
    for (const [name, run] of step.phases()) {
      recorder.phase(name);
      const began = recorder.now;
      run();
      if (!stamped) await backend.finish();
      spans.push({ name, began, seconds: recorder.now - began });
    }
    await backend.finish();
    const seconds = recorder.now;
    backend.observer = null;
    return {
      title: `${system.title}, batch ${batch}`,
      device: device.name,
      seconds,
      peakBytes: recorder.launches.reduce((m, { liveBytes }) => Math.max(m, liveBytes), 0),
      clock: backend.kind === "cpu"
        ? "each launch by the host's clock"
        : stamped
        ? "timestamps of the GPU; phases are the time to record them"
        : NO_TIMESTAMPS,
      phases: spans,
      ops: recorder.ops,
      launches: stamped ? await timed(recorder, device) : recorder.launches,
    };
  } finally {
    backend.observer = null;
    step.dispose();
  }
}

/** Launches with the GPU's own times, on the step's clock. */
async function timed({ launches, started }: Recorder, device: Device): Promise<TracedLaunch[]> {
  if (device.backend.kind !== "webgpu") throw new Error("trace: only a GPU has timestamps");
  const times = await device.backend.stopProfile();
  return launches.map((launch, i) => ({
    ...launch,
    began: times[i].began - started / 1000,
    seconds: times[i].seconds,
  }));
}
