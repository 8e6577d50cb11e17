/** What the page of `ops.ts` runs: cases of ops on the device that the browser has, with the kernels for real GPUs. */
import { Device } from "../../engine/device.ts";
import { listAdapters, openAdapter } from "../../engine/webgpu/adapter.ts";
import { checkCase } from "../engine/ops/check.ts";
import type { OpCase } from "../engine/ops/harness.ts";

/** What the page posts. */
export interface Told {
  /** What ended it all; null where every family had its turn. */
  readonly fatal: string | null;
  /** Cases that ran, each by `FAMILY: NAME`. */
  readonly ran: readonly string[];
  /** What went wrong, by the same. */
  readonly errors: Readonly<Record<string, string>>;
}

/** The adapter, taken for a real GPU. */
async function open(): Promise<Device> {
  const [adapter] = await listAdapters();
  if (!adapter) throw new Error("no WebGPU adapter");
  const backend = await openAdapter(adapter);
  Object.defineProperty(backend, "caps", { value: { ...backend.caps, software: false } });
  return new Device(backend);
}

/** Checks families as `/next` names them, but for `tooLong`, and posts how it went. */
export async function checkFamilies(
  families: Readonly<Record<string, readonly OpCase[]>>,
  tooLong: readonly string[],
): Promise<void> {
  const ran: string[] = [];
  const errors: Record<string, string> = {};
  let fatal: string | null = null;
  try {
    const device = await open();
    for (let family; (family = await (await fetch("/next")).text()) !== "";) {
      for (const c of families[family]) {
        const name = `${family}: ${c.name}`;
        if (tooLong.includes(name)) continue;
        ran.push(name);
        await checkCase(c, [device]).catch((error) => {
          errors[name] = String(error);
        });
      }
    }
  } catch (error) {
    fatal = String(error);
  }
  await fetch("/told", { method: "POST", body: JSON.stringify({ fatal, ran, errors } as Told) });
}
