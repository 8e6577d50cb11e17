/**
 * The devices tests run on: the CPU backend with two threads, and the best WebGPU adapter, software
 * or not, or the one that TIMBRE_GPU names as `--device` does. Without an adapter WebGPU is skipped
 * with a word; in CI (TIMBRE_REQUIRE_GPU=1) that is a failure. TIMBRE_DEFAULT_LIMITS=1 opens it with
 * no more than WebGPU promises everywhere.
 */
import { Device } from "../../engine/device.ts";
import { openCpu } from "../../engine/cpu/backend.ts";
import type { GpuCaps } from "../../engine/backend.ts";
import type { Tiles } from "../../engine/tiles.ts";
import { chooseDevice } from "../../engine/device_choice.ts";
import { listAdapters, openAdapter, summarize } from "../../engine/webgpu/adapter.ts";

type DeviceOptions = ConstructorParameters<typeof Device>[1];

export interface TestDevices extends Disposable {
  readonly list: readonly Device[];
}

/** The adapter that tests run on. Without one: undefined and a word, or an error where required. */
export async function firstAdapter(): Promise<GPUAdapter | undefined> {
  const adapter = await chosenAdapter();
  if (adapter) return adapter;
  if (Deno.env.get("TIMBRE_REQUIRE_GPU") === "1") {
    throw new Error("TIMBRE_REQUIRE_GPU is set, and there is no WebGPU adapter");
  }
  console.warn("no WebGPU adapter: its tests are skipped");
}

/** The first adapter, or the one that `choice` means. Throws where that is not there. */
export async function chosenAdapter(
  choice = Deno.env.get("TIMBRE_GPU"),
): Promise<GPUAdapter | undefined> {
  const adapters = await listAdapters();
  if (choice === undefined) return adapters[0];
  const { adapter } = chooseDevice(choice, adapters.map(summarize));
  return adapter === null ? undefined : adapters[adapter];
}

function defaultLimits(): boolean {
  return Deno.env.get("TIMBRE_DEFAULT_LIMITS") === "1";
}

/** `options` are those of every device. */
export async function openDevices(options: DeviceOptions = {}): Promise<TestDevices> {
  const list = [new Device(await openCpu({ threads: 2 }), options)];
  const adapter = await firstAdapter();
  if (adapter) {
    const backend = await openAdapter(adapter, { defaultLimits: defaultLimits() });
    list.push(new Device(backend, options));
  }
  return {
    list,
    [Symbol.dispose]() {
      for (const d of list) d.dispose();
    },
  };
}

/**
 * The WebGPU adapter at hand, taken for a real GPU: ops choose the kernels they keep for one
 * (workgroup memory, barriers), so that these are tested where there is only a software adapter.
 * Null without an adapter. `tiles` take the place of the adapter's own, `halves` where
 * operands are f16.
 */
export async function openAsRealGpu(
  tiles?: Partial<Tiles>,
  options: DeviceOptions = {},
  halves: Partial<Tiles> | undefined = tiles,
): Promise<Device | null> {
  const change = (own: GpuCaps) => ({
    ...own,
    software: false,
    tiles: { f32: { ...own.tiles.f32, ...tiles }, f16: { ...own.tiles.f16, ...halves } },
  });
  return await openAs(change, options);
}

/** The same, taken for a software adapter. */
export async function openAsSoftware(): Promise<Device | null> {
  return await openAs((own) => ({ ...own, software: true }));
}

async function openAs(
  change: (own: GpuCaps) => GpuCaps,
  options: DeviceOptions = {},
): Promise<Device | null> {
  const adapter = await chosenAdapter();
  if (!adapter) return null;
  const backend = await openAdapter(adapter, { defaultLimits: defaultLimits() });
  Object.defineProperty(backend, "caps", { value: change(backend.caps) });
  return new Device(backend, options);
}
