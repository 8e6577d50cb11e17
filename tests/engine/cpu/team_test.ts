import assert from "node:assert/strict";
import { CpuBackend, openCpu } from "../../../engine/cpu/backend.ts";
import { backward, Device, div, exp, mul, sum } from "../../../engine/mod.ts";

/** Bits of a forward and a gradient that pass through every kind of kernel loop. */
async function bits(threads: number): Promise<Uint32Array[]> {
  using device = new Device(await openCpu({ threads }));
  const x = device.tensor(Float32Array.from({ length: 30_011 }, (_, i) => Math.sin(i * 0.7)));
  x.requiresGrad = true;
  const total = device.scope(() => {
    const y = sum(div(mul(exp(x), x), 1.7));
    backward(y);
    return y;
  });
  return await Promise.all([total, x.grad!].map(async (t) => {
    return new Uint32Array((await t.data()).slice().buffer);
  }));
}

Deno.test("one, two and three threads compute the same bits", async () => {
  const one = await bits(1);
  assert.deepEqual(await bits(2), one);
  assert.deepEqual(await bits(3), one);
});

const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];
const section = (id: number, ...content: number[]) => [id, content.length, ...content];
const body = (...code: number[]) => [code.length + 2, 0, ...code, 0x0b];

/**
 * A hand-made kernels module: `boom(p, start, end)` traps on every chunk but the first, `count`
 * adds 1 to the word at its first buffer.
 */
const KERNELS = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  // type 0: (i32, i32, i32) → nothing
  ...section(1, 1, 0x60, 3, 0x7f, 0x7f, 0x7f, 0),
  // env.memory: shared, 16 to 65,536 pages
  ...section(2, 1, ...name("env"), ...name("memory"), 2, 3, 16, 0x80, 0x80, 4),
  ...section(3, 2, 0, 0),
  // threadId: variable, 0; heapBase: constant, 64
  ...section(6, 2, 0x7f, 1, 0x41, 0, 0x0b, 0x7f, 0, 0x41, 0xc0, 0x00, 0x0b),
  ...section(
    7,
    4,
    ...[...name("boom"), 0, 0, ...name("count"), 0, 1],
    ...[...name("threadId"), 3, 0, ...name("heapBase"), 3, 1],
  ),
  ...section(
    10,
    2,
    // local.get 1, i32.const 0, i32.gt_s, if, unreachable, end
    ...body(0x20, 1, 0x41, 0, 0x4a, 0x04, 0x40, 0x00, 0x0b),
    // local.get 0, i32.load, i32.const 1, i32.atomic.rmw.add, drop
    ...body(0x20, 0, 0x28, 2, 0, 0x41, 1, 0xfe, 0x1e, 2, 0, 0x1a),
  ),
]);

async function openHandMade(threads: number): Promise<CpuBackend> {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65_536, shared: true });
  const backend = new CpuBackend(await WebAssembly.compile(KERNELS), memory);
  await backend.startWorkers(threads);
  return backend;
}

for (const threads of [1, 3]) {
  Deno.test(`a kernel that traps is an error by name, and the team of ${threads} goes on`, async () => {
    const cpu = await openHandMade(threads);
    try {
      const counter = cpu.alloc(4);
      cpu.write(counter, new Int32Array([0]));
      for (let round = 1; round <= 20; round++) {
        assert.throws(
          () => cpu.run({ kernel: "boom", buffers: [], params: [], items: 60, grain: 1 }),
          /CPU kernel boom trapped/,
        );
        cpu.run({ kernel: "count", buffers: [counter], params: [], items: 60, grain: 1 });
        assert.equal(new Int32Array(cpu.readNow(counter, 0, 4).buffer)[0], 60 * round);
      }
    } finally {
      cpu.dispose();
    }
  });
}

Deno.test("a kernel nobody has is an error by name", async () => {
  const cpu = await openHandMade(1);
  assert.throws(
    () => cpu.run({ kernel: "nothing", buffers: [], params: [], items: 1 }),
    /no kernel nothing/,
  );
  cpu.dispose();
});

Deno.test("writing or reading past a tensor's memory is refused", async () => {
  const cpu = await openHandMade(1);
  const memory = cpu.alloc(8);
  assert.throws(() => cpu.write(memory, new Int32Array(3)), /bytes 0…12 of a memory of 8/);
  assert.throws(() => cpu.readNow(memory, 4, 8), /bytes 4…12 of a memory of 8/);
  cpu.dispose();
});
