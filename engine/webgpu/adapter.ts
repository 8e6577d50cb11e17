/**
 * Finding and opening an adapter: best limits and features it has, and whether it is a real GPU.
 * A software rasteriser proves that a shader is right and is far slower than the CPU backend, so
 * whoever lists adapters is told which ones are.
 */
import type { GpuCaps } from "../backend.ts";
import { bothPrecisions, defaultTiles, parseTiles } from "../tiles.ts";
import { WebGpuBackend } from "./backend.ts";
import { cooperativeWorks } from "./cooperative.ts";
import { subgroupsCompile } from "./subgroups.ts";

/** What an adapter says of itself. */
export interface AdapterSummary {
  /** The chip, as the driver names it. */
  readonly name: string;
  /** Who made the chip or, for software, the driver. */
  readonly vendor: string;
  /** A rasteriser on the CPU: right, and slower than the CPU backend. */
  readonly software: boolean;
  /** WebGPU's own names of what it offers beyond the standard's least. */
  readonly features: readonly string[];
  /** Limits an op may profit from, by WebGPU's names. */
  readonly limits: Readonly<Record<string, number>>;
}

/** Limits an op may profit from; asked for as high as the adapter has them. */
const WANTED_LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
] as const;

const WANTED_FEATURES = ["timestamp-query", "shader-f16", "subgroups"];
/**
 * wgpu's own features, which no adapter lists in Deno; a refusal costs nothing. Deno 2.9.6 refuses cooperative
 * matrices whatever the driver has: wgpu counts them as experimental and wants them unlocked, which Deno
 * never does (seen on Mesa 26.2.6's lavapipe, which has them).
 */
const UNLISTED_FEATURES = ["subgroups", "wgpu-cooperative-matrix"];

/** How wgpu says that the adapter has what was asked, and that the runtime did not unlock it. */
const WITHHELD = /COOPERATIVE_MATRIX.*experimental features are not enabled/;

/** PCI vendor numbers, which some runtimes give in place of a name. */
const VENDORS: Readonly<Record<number, string>> = {
  0x1002: "AMD",
  0x106b: "Apple",
  0x10de: "NVIDIA",
  0x13b5: "Arm",
  0x1414: "Microsoft",
  0x1ae0: "Google",
  0x5143: "Qualcomm",
  0x8086: "Intel",
  0x10005: "Mesa",
};

/**
 * The adapters the runtime offers, best first; empty where WebGPU or a driver is missing. WebGPU
 * lists none: it is asked in each way that may bring up another one.
 */
export async function listAdapters(): Promise<GPUAdapter[]> {
  const found: GPUAdapter[] = [];
  const requests: GPURequestAdapterOptions[] = [
    { powerPreference: "high-performance" },
    { powerPreference: "low-power" },
    { forceFallbackAdapter: true },
  ];
  for (const request of requests) {
    const adapter = await navigator.gpu?.requestAdapter(request);
    if (adapter && !found.some((a) => adapterName(a) === adapterName(adapter))) found.push(adapter);
  }
  return found;
}

export function summarize(adapter: GPUAdapter): AdapterSummary {
  const limits: Record<string, number> = {};
  for (const key of WANTED_LIMITS) limits[key] = adapter.limits[key];
  return {
    name: adapterName(adapter),
    vendor: vendorName(adapter.info.vendor),
    software: isSoftware(adapter),
    features: [...adapter.features].sort(),
    limits,
  };
}

export interface OpenAdapterOptions {
  /** Ask for nothing beyond what WebGPU promises everywhere; default false. */
  readonly defaultLimits?: boolean;
  /** Shaders beside the engine's own, by name. */
  readonly shaders?: Readonly<Record<string, string>>;
  /** What a tuner left for this adapter (`parseTiles`); a software one keeps its defaults. */
  readonly tuning?: string | null;
}

/** Opens a device on `adapter` with all the limits and wanted features it has. */
export async function openAdapter(
  adapter: GPUAdapter,
  { defaultLimits = false, shaders, tuning = null }: OpenAdapterOptions = {},
): Promise<WebGpuBackend> {
  const requiredLimits: Record<string, number> = {};
  if (!defaultLimits) {
    for (const key of WANTED_LIMITS) {
      requiredLimits[key] = adapter.limits[key];
    }
  }
  const listed = WANTED_FEATURES.filter((f) => adapter.features.has(f as GPUFeatureName));
  const more = UNLISTED_FEATURES.map((
    _,
    i,
  ) => [...new Set([...listed, ...UNLISTED_FEATURES.slice(0, UNLISTED_FEATURES.length - i)])]);
  const attempts = defaultLimits ? [[]] : [...more, listed, []];
  let failure: unknown;
  let withheld = false;
  for (const features of attempts) {
    try {
      const device = await adapter.requestDevice({
        requiredFeatures: features as GPUFeatureName[],
        requiredLimits,
      });
      const cooperativeLack = await lackOfMatrices(device, features, withheld);
      const subgroups = features.includes("subgroups") && await subgroupsCompile(device);
      const caps = {
        ...capsOf(adapter, device.limits, features, tuning),
        cooperativeMatrix: cooperativeLack === null,
        cooperativeLack,
        subgroups,
      };
      return new WebGpuBackend(device, adapterName(adapter), caps, shaders);
    } catch (error) {
      failure = error;
      withheld ||= WITHHELD.test(String(error));
    }
  }
  throw failure;
}

/** Why the device has no cooperative matrices; null where it has, and they are right. */
async function lackOfMatrices(
  device: GPUDevice,
  granted: readonly string[],
  withheld: boolean,
): Promise<string | null> {
  if (granted.includes("wgpu-cooperative-matrix") && granted.includes("shader-f16")) {
    const works = await cooperativeWorks(device);
    return works ? null : "offered by this adapter, but products come out wrong";
  }
  return withheld
    ? "not offered by this runtime, though the adapter has it"
    : "not offered by this adapter";
}

/** What was granted, which may be less than the adapter has. */
function capsOf(
  adapter: GPUAdapter,
  limits: GPUSupportedLimits,
  features: readonly string[],
  tuning: string | null,
): Omit<GpuCaps, "cooperativeMatrix" | "cooperativeLack" | "subgroups"> {
  const bounds = {
    maxInvocations: limits.maxComputeInvocationsPerWorkgroup,
    maxWorkgroupStorage: limits.maxComputeWorkgroupStorageSize,
  };
  const software = isSoftware(adapter);
  const tiles = defaultTiles(vendorName(adapter.info.vendor), bounds);
  const tuned = tuning === null || software ? null : parseTiles(tuning, tiles, bounds);
  return {
    ...bounds,
    software,
    tiles: tuned ?? bothPrecisions(tiles),
    f16: features.includes("shader-f16"),
    maxWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
    maxBinding: Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize),
  };
}

/** `description` names the chip in Deno; browsers often give no more than vendor and family. */
export function adapterName(
  { info: { description, vendor, architecture, device } }: GPUAdapter,
): string {
  if (description) return description;
  const words = [vendorName(vendor), architecture, isNumber(device) ? "" : device];
  return words.filter((w) => w !== "").join(" ") || "unnamed adapter";
}

function vendorName(vendor: string): string {
  if (!isNumber(vendor)) return vendor;
  return VENDORS[Number(vendor)] ?? `vendor 0x${Number(vendor).toString(16)}`;
}

function isNumber(text: string): boolean {
  return /^(0x[0-9a-f]+|\d+)$/i.test(text);
}

function isSoftware(adapter: GPUAdapter): boolean {
  return adapter.info.isFallbackAdapter ||
    /llvmpipe|lavapipe|softpipe|swiftshader|basic render/i.test(adapterName(adapter));
}
