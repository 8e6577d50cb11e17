import assert from "node:assert/strict";
import fc from "fast-check";
import { OutOfMemoryError } from "../../../engine/backend.ts";
import { type Block, Heap } from "../../../engine/cpu/heap.ts";

const PAGE = 65_536;

function newHeap(pages = 2, maximum = 64): { heap: Heap; memory: WebAssembly.Memory } {
  const memory = new WebAssembly.Memory({ initial: pages, maximum, shared: true });
  return { heap: new Heap(memory, 1000), memory };
}

/** Runs allocations (sizes) and frees (of the block at that place) and hands each state to `check`. */
function play(
  heap: Heap,
  steps: readonly (readonly [boolean, number])[],
  check: (live: Block[]) => void,
) {
  const live: Block[] = [];
  for (const [make, n] of steps) {
    if (make) live.push(heap.alloc(n));
    else if (live.length > 0) heap.free(live.splice(n % live.length, 1)[0]);
    check(live);
  }
  return live;
}

const someSteps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 30_000 })), {
  maxLength: 80,
});

Deno.test("blocks never overlap, lie inside the memory, are aligned and have slack", () => {
  fc.assert(fc.property(someSteps, (steps) => {
    const { heap, memory } = newHeap();
    play(heap, steps, (live) => {
      const sorted = live.toSorted((a, b) => a.address - b.address);
      let end = 1000;
      for (const { address, bytes, reserved } of sorted) {
        assert.ok(address >= end, "overlap");
        assert.equal(address % 64, 0);
        assert.ok(reserved >= bytes + 32);
        end = address + reserved;
      }
      assert.ok(end <= memory.buffer.byteLength);
    });
  }));
});

Deno.test("live bytes and blocks are those in use, whatever came before", () => {
  fc.assert(fc.property(someSteps, (steps) => {
    const { heap } = newHeap();
    let peak = 0;
    play(heap, steps, (live) => {
      const bytes = live.reduce((n, b) => n + b.reserved, 0);
      peak = Math.max(peak, bytes);
      assert.deepEqual([heap.liveBytes, heap.liveBlocks], [bytes, live.length]);
    });
    assert.equal(heap.peakBytes, peak);
  }));
});

Deno.test("freed in any order, neighbours merge until all of it is one block again", () => {
  fc.assert(fc.property(someSteps, fc.infiniteStream(fc.nat()), (steps, picks) => {
    const { heap, memory } = newHeap();
    const live = play(heap, steps, () => {});
    while (live.length > 0) heap.free(live.splice(picks.next().value % live.length, 1)[0]);
    const pages = memory.buffer.byteLength;
    heap.alloc(pages - 1024 - 64); // all there is, but what lies below the heap's start
    assert.equal(memory.buffer.byteLength, pages);
  }));
});

Deno.test("the smallest hole that fits is taken", () => {
  const { heap } = newHeap();
  const [big, , small] = [10_000, 64, 2000, 64].map((n) => heap.alloc(n));
  heap.free(big);
  heap.free(small);
  assert.equal(heap.alloc(1900).address, small.address);
});

Deno.test("the memory grows when it must, by no more than is missing", () => {
  const { heap, memory } = newHeap(1);
  const block = heap.alloc(3 * PAGE);
  assert.ok(block.address + block.reserved <= memory.buffer.byteLength);
  assert.equal(memory.buffer.byteLength, 4 * PAGE);
});

Deno.test("the same sizes every step do not grow the memory after the first", () => {
  const { heap, memory } = newHeap();
  const sizes = [70_000, 3, 9000, 131_072, 64, 9000];
  const step = () => sizes.map((n) => heap.alloc(n)).reverse().forEach((b) => heap.free(b));
  step();
  const after = memory.buffer.byteLength;
  for (let i = 0; i < 50; i++) step();
  assert.equal(memory.buffer.byteLength, after);
});

Deno.test("no room left is an out-of-memory error in one line, and does no harm", () => {
  const { heap } = newHeap(1, 4);
  assert.throws(
    () => heap.alloc(8 * PAGE),
    (e) => e instanceof OutOfMemoryError && /^out of memory: .*smaller batch$/.test(e.message),
  );
  assert.equal(heap.liveBlocks, 0);
  heap.free(heap.alloc(2 * PAGE));
});
