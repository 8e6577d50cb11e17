import assert from "node:assert/strict";
import fc from "fast-check";
import { OutOfMemoryError } from "../../../engine/backend.ts";
import { BufferPool, type GpuMemory, sizeClass } from "../../../engine/webgpu/pool.ts";

/** A pool over buffers that only remember whether they were destroyed. */
function newPool(limit = 1 << 30) {
  const made: { size: number; destroyed: boolean }[] = [];
  const pool = new BufferPool({
    limit,
    create: (size) => {
      const buffer = { size, destroyed: false, destroy: () => void (buffer.destroyed = true) };
      made.push(buffer);
      return buffer as unknown as GPUBuffer;
    },
  });
  return { pool, made };
}

const MB = 1 << 20;

Deno.test("a size class holds its bytes, wastes an eighth at most, and is whole words", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 32 }), (bytes) => {
    const size = sizeClass(bytes);
    assert.ok(size >= bytes && size % 256 === 0);
    assert.ok(size <= Math.max(bytes * 1.125, bytes + 255), `${bytes} in ${size}`);
    assert.equal(sizeClass(size), size);
  }));
});

Deno.test("no buffer is larger than the limit, not even by its size class", () => {
  const limit = 1_000_003;
  const { pool, made } = newPool(limit);
  pool.alloc(1_000_000);
  assert.ok(made[0].size <= limit && made[0].size >= 1_000_000 && made[0].size % 4 === 0);
  assert.throws(
    () => pool.alloc(1_000_004),
    (e) => e instanceof OutOfMemoryError && /limit of 1 MB.*use a smaller batch$/.test(e.message),
  );
});

Deno.test("nothing in use is handed out twice, and nothing in use or recorded is destroyed", () => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 40 * MB })), {
    maxLength: 60,
  });
  fc.assert(fc.property(steps, (list) => {
    const { pool, made } = newPool();
    const live: GpuMemory[] = [];
    for (const [make, n] of list) {
      if (make) live.push(pool.alloc(n));
      else if (live.length > 0) pool.free(live.splice(n % live.length, 1)[0]);
      assert.equal(new Set(live.map((m) => m.slot.id)).size, live.length);
      assert.ok(made.every((b) => !b.destroyed), "destroyed before the submit");
    }
    pool.afterSubmit();
    for (const { slot } of live) {
      assert.equal((slot.buffer as unknown as { destroyed: boolean }).destroyed, false);
    }
    assert.equal(pool.liveBytes, live.reduce((n, m) => n + m.slot.size, 0));
    const kept = made.filter((b) => !b.destroyed).reduce((n, b) => n + b.size, 0);
    assert.equal(kept, pool.liveBytes + pool.idleBytes);
  }));
});

Deno.test("the same requests get the same buffers, in whatever order they were freed", () => {
  const { pool, made } = newPool();
  const sizes = [1000, 5000, 1000, 70_000, 1000];
  const ids = (order: number[]) => {
    const taken = sizes.map((n) => pool.alloc(n));
    for (const i of order) pool.free(taken[i]);
    return taken.map((m) => m.slot.id);
  };
  const first = ids([0, 1, 2, 3, 4]);
  assert.deepEqual(ids([4, 2, 0, 1, 3]), first);
  assert.deepEqual(ids([2, 0, 4, 3, 1]), first);
  assert.equal(made.length, sizes.length);
});

Deno.test("sizes that are no longer asked for are destroyed, after the submit", () => {
  const { pool, made } = newPool();
  const step = (size: number) => [1, 2, 3].map(() => pool.alloc(size)).forEach((m) => pool.free(m));
  step(100 * MB);
  step(90 * MB);
  assert.ok(pool.idleBytes <= pool.peakBytes);
  assert.ok(made.every((b) => !b.destroyed));
  pool.afterSubmit();
  assert.deepEqual(made.map((b) => b.destroyed), [true, true, true, false, false, false]);
});

Deno.test("disposing destroys what is idle", () => {
  const { pool, made } = newPool();
  pool.free(pool.alloc(10));
  pool.dispose();
  assert.ok(made[0].destroyed);
  assert.equal(pool.idleBytes, 0);
});
