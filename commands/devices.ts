/**
 * `devices`: which adapters there are and which one `auto` takes, and what the CPU backend has to
 * work with. Everything shown is asked of the runtime or measured; what is inferred says so.
 */
import {
  type AdapterSummary,
  cooperativeLacks,
  type CpuSpeed,
  type DeviceList,
  listDevices,
  measureCpu,
  type WasmFeatures,
  wasmFeatures,
} from "../engine/mod.ts";
import { UserError } from "../engine/error.ts";
import type { DevicesOptions } from "./words/options.ts";

/** What `devices --json` prints. */
export interface DevicesReport extends DeviceList {
  /** By adapter why it has no cooperative matrices, or null: what opening it told. */
  readonly cooperativeLacks: Readonly<Record<string, string | null>>;
  readonly cpu: WasmFeatures & {
    readonly threads: number;
    /** Null where the kernels cannot run. */
    readonly speed: CpuSpeed | null;
  };
}

/** Prints the devices of this machine. */
export async function devices({ json }: DevicesOptions): Promise<void> {
  const report = await inspectDevices();
  console.log(json ? JSON.stringify(report, null, 2) : formatDevices(report));
}

export async function inspectDevices(): Promise<DevicesReport> {
  const features = wasmFeatures();
  const threads = features.oneThread === null ? features.cores : 1;
  return {
    ...await listDevices(),
    cooperativeLacks: await cooperativeLacks(),
    cpu: { ...features, threads, speed: await speed() },
  };
}

/** A runtime that cannot run the kernels is a finding here, not a failure. */
async function speed(): Promise<CpuSpeed | null> {
  try {
    return await measureCpu();
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** The report as a person reads it. */
export function formatDevices(report: DevicesReport): string {
  const { adapters, auto, cpu } = report;
  const gpus = adapters.length === 0
    ? ["  none: WebGPU found no driver"]
    : adapters.flatMap((a) =>
      formatAdapter(a, report.cooperativeLacks[a.name]).map((line) => `  ${line}`)
    );
  const { speed } = cpu;
  return [
    "GPU (WebGPU)",
    ...gpus,
    "",
    "CPU (WebAssembly)",
    `  ${count(cpu.cores, "core")}, ${count(cpu.threads, "thread")}` +
    (cpu.oneThread === null ? "" : `: ${cpu.oneThread}`),
    `  SIMD ${yesNo(cpu.simd)}, relaxed SIMD ${yesNo(cpu.relaxedSimd)}, ` +
    `shared memory ${yesNo(cpu.sharedMemory)}`,
    ...(speed === null ? ["  cannot run the kernels"] : [
      `  ${speed.gflops.toFixed(0)} GFLOP/s of multiply-adds on one core (measured)`,
      speed.fused
        ? "  256-bit operations, bounds checks off (inferred from the speed)"
        : "  128-bit operations, or bounds checks on (inferred from the speed)",
    ]),
    "",
    `auto takes ${auto.why}`,
  ].join("\n");
}

function formatAdapter(
  { name, vendor, software, features, limits }: AdapterSummary,
  cooperativeLack: string | null,
): string[] {
  const used = ["shader-f16", "subgroups", "timestamp-query"].filter((f) => features.includes(f));
  return [
    name,
    `  ${vendor}, ${
      software ? `software: only by name, --device gpu:${name.split(/[ (,]/)[0]}` : "a real GPU"
    }`,
    `  buffers up to ${megabytes(limits.maxBufferSize)}, bindings up to ` +
    `${megabytes(limits.maxStorageBufferBindingSize)}, ` +
    `${limits.maxStorageBuffersPerShaderStage} to a shader`,
    `  workgroups of ${limits.maxComputeInvocationsPerWorkgroup} threads, ` +
    `${(limits.maxComputeWorkgroupStorageSize / 1024).toFixed(0)} KiB shared`,
    `  features listed: ${used.join(", ") || "none that the engine uses"}`,
    `  cooperative matrices (tensor cores): ${cooperativeLack ?? "granted, and they work"}`,
  ];
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20).toLocaleString("en")} MiB`;
}
