/**
 * CPU kernels write inside their tensors alone: production runs them without bounds checks. Every
 * memory gets a guard behind it, looked at when the memory is freed.
 */
import assert from "node:assert/strict";
import type { Memory } from "../../../engine/backend.ts";
import { type CpuBackend, openCpu } from "../../../engine/cpu/backend.ts";
import { Device } from "../../../engine/device.ts";
import { sizeOf } from "../../../engine/shape.ts";
import { loadFamilies } from "./families.ts";
import { runCase } from "./harness.ts";

const GUARD = new Uint8Array(128).fill(0xa5);

/** Puts a guard behind every memory of a backend. */
function guard(backend: CpuBackend): void {
  const alloc = backend.alloc.bind(backend), free = backend.free.bind(backend);
  const guarded = new Map<Memory, Memory>();
  backend.alloc = (bytes) => {
    const block = alloc(bytes + GUARD.length);
    backend.write(block, GUARD, bytes);
    const memory = { ...block, bytes };
    guarded.set(memory, block);
    return memory;
  };
  backend.free = (memory) => {
    const block = guarded.get(memory)!;
    const behind = backend.readNow(block, memory.bytes, GUARD.length);
    const first = behind.findIndex((b, i) => b !== GUARD[i]);
    assert.equal(first, -1, `a kernel wrote ${first} bytes behind ${memory.bytes} bytes`);
    guarded.delete(memory);
    free(block);
  };
}

for (const [family, cases] of await loadFamilies()) {
  Deno.test(`${family}: CPU kernels write inside their tensors alone`, async (t) => {
    const backend = await openCpu({ threads: 2 });
    guard(backend);
    using device = new Device(backend);
    for (const c of cases) {
      if (c.inputs.some(({ shape }) => sizeOf(shape) > 1e6)) continue;
      await t.step(c.name, async () => {
        await runCase(c, device);
      });
    }
  });
}
