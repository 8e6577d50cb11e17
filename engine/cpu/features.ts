/**
 * What the WebAssembly of this runtime has, found out by asking it whether it accepts modules of a
 * few bytes. Kernels need SIMD, relaxed SIMD and a shared memory; threads need Workers that may
 * share it. Less than the first is a clear error, less than the second is one thread.
 */
import { coreCount, mayShareMemory } from "../host.ts";
import { UserError } from "../error.ts";

/** What the WebAssembly of this runtime offers the CPU backend. */
export interface WasmFeatures {
  /** Logical cores. */
  readonly cores: number;
  /** 128-bit vectors. */
  readonly simd: boolean;
  /** Multiply-add in one instruction, among others. */
  readonly relaxedSimd: boolean;
  /** A memory that several threads see. */
  readonly sharedMemory: boolean;
  /** Why there is one thread only, or null where all cores can work. */
  readonly oneThread: string | null;
}

/** What this runtime has. */
export function wasmFeatures(): WasmFeatures {
  return {
    cores: coreCount(),
    // i32.const 0, i8x16.splat
    simd: accepts([0x41, 0x00, 0xfd, 0x0f]),
    // three times: i32.const 0, i32x4.splat; then f32x4.relaxed_madd
    relaxedSimd: accepts([
      ...[0x41, 0x00, 0xfd, 0x11],
      ...[0x41, 0x00, 0xfd, 0x11],
      ...[0x41, 0x00, 0xfd, 0x11],
      ...[0xfd, 0x85, 0x02],
    ]),
    sharedMemory: WebAssembly.validate(bytes([5, [0x01, 0x03, 0x01, 0x01]])),
    oneThread: coreCount() === 1
      ? "this machine has one core"
      : mayShareMemory()
      ? null
      : "this page may not share memory with Workers (it is not cross-origin isolated)",
  };
}

type KernelNeeds = Pick<WasmFeatures, "simd" | "relaxedSimd" | "sharedMemory">;

/** Throws `UserError` where the CPU kernels cannot run at all. */
export function requireKernels({ simd, relaxedSimd, sharedMemory }: KernelNeeds): void {
  const missing = [
    simd ? "" : "SIMD",
    relaxedSimd ? "" : "relaxed SIMD",
    sharedMemory ? "" : "shared memory",
  ].filter((what) => what !== "");
  if (missing.length === 0) return;
  throw new UserError(
    `the CPU backend needs WebAssembly with ${missing.join(" and ")}, which this runtime lacks; ` +
      "use a newer one, or --device gpu",
  );
}

/** Whether a function that computes a v128 by `body` is valid. */
function accepts(body: readonly number[]): boolean {
  const code = [0x00, ...body, 0x0b];
  return WebAssembly.validate(bytes(
    [1, [0x01, 0x60, 0x00, 0x01, 0x7b]],
    [3, [0x01, 0x00]],
    [10, [0x01, code.length, ...code]],
  ));
}

/** A module of sections. */
function bytes(...sections: [id: number, content: readonly number[]][]): Uint8Array<ArrayBuffer> {
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  const body = sections.flatMap(([id, content]) => [id, content.length, ...content]);
  return new Uint8Array([...header, ...body]);
}
