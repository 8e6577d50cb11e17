/**
 * What the page of `ops.ts` runs: cases of ops on the device that the browser has. Each runs with the kernels
 * for software adapters, and where these asked for that, once more with those for real GPUs.
 */
import { Device } from "../../engine/device.ts";
import { listAdapters, openAdapter } from "../../engine/webgpu/adapter.ts";
import { checkCase } from "../engine/ops/check.ts";
import type { OpCase } from "../engine/ops/harness.ts";

/** What the page posts. */
export interface Told {
  /** What ended it all; null where every family had its turn. */
  readonly fatal: string | null;
  /** Cases that ran, each by `FAMILY: NAME` and the kernels it ran with. */
  readonly ran: readonly string[];
  /** What went wrong, by the same. */
  readonly errors: Readonly<Record<string, string>>;
}

/** A device, and whether its kernels were chosen by what kind of adapter there is. */
interface Trial {
  readonly device: Device;
  readonly kind: { asked: boolean };
}

/** The adapter taken for a software one, or for a real GPU. */
async function open(software: boolean): Promise<Trial> {
  const [adapter] = await listAdapters();
  if (!adapter) throw new Error("no WebGPU adapter");
  const backend = await openAdapter(adapter);
  const kind = { asked: false };
  const caps = {
    ...backend.caps,
    get software() {
      kind.asked = true;
      return software;
    },
  };
  Object.defineProperty(backend, "caps", { value: caps });
  return { device: new Device(backend), kind };
}

/** Checks families as `/next` names them, and posts how it went. `tooLong`: names of cases left out on real GPUs. */
export async function checkFamilies(
  families: Readonly<Record<string, readonly OpCase[]>>,
  tooLong: readonly string[],
): Promise<void> {
  const ran: string[] = [];
  const errors: Record<string, string> = {};
  const check = async (c: OpCase, name: string, device: Device) => {
    ran.push(name);
    try {
      await checkCase(c, [device]);
    } catch (error) {
      errors[name] = String(error);
    }
  };
  let fatal: string | null = null;
  try {
    const [software, real] = [await open(true), await open(false)];
    for (let family; (family = await (await fetch("/next")).text()) !== "";) {
      for (const c of families[family]) {
        const name = `${family}: ${c.name}`;
        software.kind.asked = false;
        await check(c, name, software.device);
        if (!software.kind.asked || tooLong.includes(name)) continue;
        await check(c, `${name}, for real GPUs`, real.device);
      }
    }
  } catch (error) {
    fatal = String(error);
  }
  await fetch("/told", { method: "POST", body: JSON.stringify({ fatal, ran, errors } as Told) });
}
