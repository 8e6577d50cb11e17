/** Opening a device by name: the one file that knows both backends. */
import { Device } from "./device.ts";
import { openCpu } from "./cpu/backend.ts";
import { listAdapters, openAdapter, summarize } from "./webgpu/adapter.ts";
import { UserError } from "./error.ts";

export interface OpenOptions {
  /** Threads of the CPU backend; default: all cores. */
  readonly threads?: number;
}

/**
 * Opens a device. `auto` takes a real GPU, else the CPU; `gpu` a real GPU or fails; `cpu` the CPU;
 * `gpu:NAME` the first adapter whose name contains NAME, a software one included.
 */
export async function openDevice(choice = "auto", options: OpenOptions = {}): Promise<Device> {
  if (choice === "cpu") return new Device(await openCpu(options));
  const [kind, wanted] = choice.split(":", 2);
  if (kind !== "auto" && kind !== "gpu") {
    throw new UserError(`--device: expected auto, gpu, gpu:NAME or cpu, got "${choice}"`);
  }
  const adapters = await listAdapters();
  const match = wanted === undefined
    ? adapters.find((a) => !summarize(a).software)
    : adapters.find((a) => summarize(a).name.toLowerCase().includes(wanted.toLowerCase()));
  if (match) return new Device(await openAdapter(match));
  if (kind === "auto") return new Device(await openCpu(options));
  const names = adapters.map((a) => {
    const { name, software } = summarize(a);
    return software ? `${name} (software; ask for it as gpu:${name.split(/[ (,]/)[0]})` : name;
  });
  throw new UserError(
    `--device ${choice}: no such GPU here (found: ${names.join(", ") || "none"}); use --device cpu`,
  );
}
