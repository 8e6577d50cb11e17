/**
 * What `--device` means, decided from names alone. A choice is never replaced by another in
 * silence: `auto` says why it took what it took, everything else is met or refused.
 */
import { UserError } from "./error.ts";

/** What the choice needs to know of an adapter. */
export interface Candidate {
  readonly name: string;
  readonly software: boolean;
}

export interface DeviceDecision {
  /** Index of the adapter to open; null for the CPU backend. */
  readonly adapter: number | null;
  /** One line: what was taken, and why. */
  readonly why: string;
}

/**
 * `auto` takes the first real GPU, else the CPU backend; `gpu` a real GPU; `cpu` the CPU backend;
 * `gpu:NAME` the first adapter with NAME in its name (in any case), a software one included.
 * Throws `UserError` for other words, and where there is no such adapter.
 */
export function chooseDevice(choice: string, adapters: readonly Candidate[]): DeviceDecision {
  if (choice === "cpu") return { adapter: null, why: "the CPU backend, as asked" };
  const real = adapters.findIndex((a) => !a.software);
  if (choice === "auto") {
    if (real >= 0) return { adapter: real, why: `${adapters[real].name}: a real GPU` };
    const why = adapters.length === 0
      ? "there is no GPU adapter"
      : `no real GPU (${adapters.map((a) => a.name).join(", ")}: software, slower than the CPU)`;
    return { adapter: null, why: `the CPU backend: ${why}` };
  }
  if (choice === "gpu") {
    if (real >= 0) return { adapter: real, why: `${adapters[real].name}: a real GPU, as asked` };
    throw new UserError(
      `--device gpu: there is no real GPU (${found(adapters)}); use --device cpu`,
    );
  }
  const wanted = /^gpu:(.+)$/s.exec(choice)?.[1].toLowerCase();
  if (wanted === undefined) {
    throw new UserError(`--device: expected auto, gpu, gpu:NAME or cpu, got "${choice}"`);
  }
  const named = adapters.findIndex((a) => a.name.toLowerCase().includes(wanted));
  if (named >= 0) return { adapter: named, why: `${adapters[named].name}: asked for by name` };
  throw new UserError(`--device ${choice}: no such adapter (${found(adapters)}); use --device cpu`);
}

function found(adapters: readonly Candidate[]): string {
  if (adapters.length === 0) return "found: none";
  const names = adapters.map(({ name, software }) =>
    software ? `${name}, software, to be asked for as gpu:${name.split(/[ (,]/)[0]}` : name
  );
  return `found: ${names.join("; ")}`;
}
