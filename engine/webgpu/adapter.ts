/**
 * Finding and opening an adapter: best limits and features it has, and whether it is a real GPU.
 * A software rasteriser proves that a shader is right and is far slower than the CPU backend, so it
 * is only ever taken when asked for by name.
 */
import type { GpuCaps } from "../backend.ts";
import { WebGpuBackend } from "./backend.ts";

export interface AdapterSummary {
  readonly name: string;
  readonly vendor: string;
  readonly software: boolean;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
}

const WANTED_LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
] as const;

const WANTED_FEATURES = ["timestamp-query", "shader-f16", "subgroups"];

/** The adapters the runtime offers, best first; empty where WebGPU or a driver is missing. */
export async function listAdapters(): Promise<GPUAdapter[]> {
  const found: GPUAdapter[] = [];
  for (const powerPreference of ["high-performance", "low-power"] as const) {
    const adapter = await navigator.gpu?.requestAdapter({ powerPreference });
    if (adapter && !found.some((a) => adapterName(a) === adapterName(adapter))) found.push(adapter);
  }
  return found;
}

export function summarize(adapter: GPUAdapter): AdapterSummary {
  const limits: Record<string, number> = {};
  for (const key of WANTED_LIMITS) limits[key] = adapter.limits[key];
  return {
    name: adapterName(adapter),
    vendor: adapter.info.vendor,
    software: isSoftware(adapter),
    features: [...adapter.features].sort(),
    limits,
  };
}

/** Opens a device on `adapter` with all the limits and wanted features it has. */
export async function openAdapter(adapter: GPUAdapter): Promise<WebGpuBackend> {
  const requiredLimits: Record<string, number> = {};
  for (const key of WANTED_LIMITS) requiredLimits[key] = adapter.limits[key];
  const listed = WANTED_FEATURES.filter((f) => adapter.features.has(f as GPUFeatureName));
  // Deno grants subgroups without listing them; a refusal costs nothing.
  const attempts = [[...new Set([...listed, "subgroups"])], listed, []];
  let failure: unknown;
  for (const features of attempts) {
    try {
      const device = await adapter.requestDevice({
        requiredFeatures: features as GPUFeatureName[],
        requiredLimits,
      });
      return new WebGpuBackend(device, adapterName(adapter), capsOf(adapter, features));
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function capsOf(adapter: GPUAdapter, features: readonly string[]): GpuCaps {
  const { limits } = adapter;
  return {
    software: isSoftware(adapter),
    subgroups: features.includes("subgroups"),
    f16: features.includes("shader-f16"),
    maxWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
    maxWorkgroupStorage: limits.maxComputeWorkgroupStorageSize,
    maxInvocations: limits.maxComputeInvocationsPerWorkgroup,
    maxBinding: Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize),
  };
}

function adapterName(adapter: GPUAdapter): string {
  const { device, description, vendor } = adapter.info;
  return description || device || vendor || "unnamed adapter";
}

function isSoftware(adapter: GPUAdapter): boolean {
  return adapter.info.isFallbackAdapter ||
    /llvmpipe|lavapipe|swiftshader/i.test(adapterName(adapter));
}
