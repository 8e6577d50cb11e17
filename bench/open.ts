/** Devices as the bench needs them: with the ladder's kernels and shaders beside the engine's own. */
import { UserError } from "../engine/error.ts";
import type { Device } from "../engine/device.ts";
import { listDevices, openDevice, type OpenOptions } from "../engine/open.ts";
import type { Extent } from "./sizes.ts";
import { BENCH_SHADERS } from "./shaders.ts";

const KERNELS = new URL("../.build/ladder.wasm", import.meta.url);

/** Opens the device that `choice` means (see `openDevice`). */
export async function openBench(choice: string, options: OpenOptions = {}): Promise<Device> {
  return await openDevice(choice, {
    ...options,
    kernels: await readKernels(),
    shaders: BENCH_SHADERS,
  });
}

async function readKernels(): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(KERNELS);
  } catch (cause) {
    throw new UserError("the ladder's kernels are not built: run `deno task kernels:ladder`", {
      cause,
    });
  }
}

/** How much work a device is given. */
export function extentOf({ backend }: Device): Extent {
  if (backend.kind === "cpu") return "usual";
  return backend.caps.software ? "tiny" : "large";
}

/** One device if named; else the CPU, and the GPU that `auto` would take. */
export async function devicesToMeasure(choice: string): Promise<string[]> {
  if (choice !== "auto") return [choice];
  return (await listDevices()).auto.adapter === null ? ["cpu"] : ["cpu", "gpu"];
}
