/** Opening a device by name: the one file that knows both backends. */
import { openCpu } from "./cpu/backend.ts";
import { Device } from "./device.ts";
import { chooseDevice } from "./device_choice.ts";
import type { Precision } from "./dtype.ts";
import { UserError } from "./error.ts";
import { readTuning } from "./host.ts";
import { type AdapterSummary, listAdapters, openAdapter, summarize } from "./webgpu/adapter.ts";

export { type WasmFeatures, wasmFeatures } from "./cpu/features.ts";
export { type CpuSpeed, measureCpu } from "./cpu/probe.ts";
export type { AdapterSummary } from "./webgpu/adapter.ts";

/** How a device is opened. */
export interface OpenOptions {
  /** What operands of products are rounded to and kept in; default f32. */
  readonly precision?: Precision;
  /** Threads of the CPU backend; default: all cores. */
  readonly threads?: number;
  /** A WebAssembly module in place of the engine's kernels, with more than those (`build.ts`). */
  readonly kernels?: Uint8Array<ArrayBuffer>;
  /** Shaders beside the engine's own, by name. */
  readonly shaders?: Readonly<Record<string, string>>;
  /** Leave what a tuner found for the adapter aside; default false. */
  readonly untuned?: boolean;
}

/**
 * Opens a device. `auto` takes a real GPU, else the CPU; `gpu` a real GPU or fails; `cpu` the CPU;
 * `gpu:NAME` the first adapter whose name contains NAME, a software one included. Throws
 * `UserError` where the choice cannot be met, or what was chosen does not open.
 */
export async function openDevice(choice = "auto", options: OpenOptions = {}): Promise<Device> {
  const adapters = choice === "cpu" ? [] : await listAdapters();
  const summaries = adapters.map(summarize);
  const { adapter } = chooseDevice(choice, summaries);
  if (adapter === null) return new Device(await openCpu(options), options);
  try {
    const tuning = options.untuned ? null : await readTuning(summaries[adapter].name);
    const { shaders } = options;
    return new Device(await openAdapter(adapters[adapter], { shaders, tuning }), options);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const { name } = summaries[adapter];
    throw new UserError(
      `--device ${choice}: ${name} does not open (${reason}); use --device cpu`,
      { cause },
    );
  }
}

/** What `listDevices` found. */
export interface DeviceList {
  /** Best first. */
  readonly adapters: readonly AdapterSummary[];
  /** What `auto` takes: an index of `adapters`, or null for the CPU; and why. */
  readonly auto: { readonly adapter: number | null; readonly why: string };
}

/**
 * Why adapters have no cooperative matrices (`GpuCaps`), by `AdapterSummary.name`; null where they have. Only
 * opening an adapter tells; one that does not open says so here.
 */
export async function cooperativeLacks(): Promise<Record<string, string | null>> {
  const lacks: Record<string, string | null> = {};
  for (const adapter of await listAdapters()) {
    const { name } = summarize(adapter);
    try {
      const backend = await openAdapter(adapter);
      lacks[name] = backend.caps.cooperativeLack;
      backend.dispose();
    } catch (error) {
      lacks[name] = `not known: ${name} does not open (${(error as Error).message})`;
    }
  }
  return lacks;
}

/** The adapters there are, and which of them `auto` takes. */
export async function listDevices(): Promise<DeviceList> {
  const adapters = (await listAdapters()).map(summarize);
  return { adapters, auto: chooseDevice("auto", adapters) };
}
