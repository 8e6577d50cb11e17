/** Which sizes the bench takes: what an op would refuse, or no device could do in a while, is told before. */
import assert from "node:assert/strict";
import { checkWanted, chooseCases, leftOut } from "../../bench/choose.ts";
import { FAMILIES } from "../../bench/kernels.ts";
import { LADDERS } from "../../bench/rungs/ladders.ts";
import { checkWork } from "../../bench/sizes.ts";
import { UserError } from "../../engine/mod.ts";

const asked = (kernel: string, size: readonly number[]) => ({
  kernels: [kernel],
  size,
  sweep: false,
});

Deno.test("a size that an op refuses is told in the op's own words", () => {
  const cases: [kernel: string, size: number[], message: RegExp][] = [
    ["fft", [3, 100], /^--size 3x100: rfft: needs a power of two .* got 100/],
    ["fft", [2, 1], /power of two/],
    ["fft", [2, 131072], /power of two/],
    ["attention", [1, 8, 1, 300], /^--size 1x8x1x300: attention: 300 channels/],
    ["conv1d", [1, 2, 4, 4, 5], /^--size 1x2x4x4x5: conv1d: 5 taps do not fit 2 times$/],
    ["batch-norm", [1, 5, 1, 1], /more than one value a channel$/],
    ["steps", [1e8], /^--size 100000000: steps: at most 4096 clips/],
    ["forest", [1, 9, 9], /two clips at least$/],
    ["forest", [1000, 1000, 10000], /forest: 10000000000 values to look at/],
    ["matmul", [4, 4], /^--size 4x4: matmul needs MxKxN$/],
  ];
  for (const [kernel, size, message] of cases) {
    assert.throws(
      () => checkWanted(asked(kernel, size)),
      (error) => error instanceof UserError && message.test(error.message),
      `${kernel} ${size}`,
    );
  }
  for (const [kernel, size] of [["fft", [1, 2]], ["attention", [1, 1, 1, 128]]] as const) {
    checkWanted(asked(kernel, size));
  }
});

Deno.test("a run of too many operations or bytes is refused, by what the device is", () => {
  const size = [8192, 8192, 8192];
  const much = /--size 8192x8192x8192: one run of matmul is 1,099\.512 billion operations/;
  assert.equal(chooseCases(asked("matmul", size), "large").length, 1);
  assert.equal(chooseCases(asked("matmul", size), "usual").length, 1);
  assert.throws(() => chooseCases(asked("matmul", size), "tiny"), much);
  assert.throws(
    () => chooseCases(asked("adam", [1e9]), "usual"),
    /28 billion bytes, on the CPU at most 4 are/,
  );
});

Deno.test("the usual sizes, swept ones and those of ladders are ones that may be asked for", () => {
  for (const { name, dims, check, sweep = [], at } of FAMILIES) {
    assert.ok(sweep.length > 0 || name === "steps", `${name}: --sweep would add nothing`);
    for (const size of sweep) {
      checkWanted(asked(name, size));
      assert.ok(dims && at!(size, "usual").length > 0);
      for (const c of at!(size, "usual")) checkWork(c, { size, extent: "usual" });
    }
    assert.ok(check === undefined || dims !== undefined, name);
  }
  for (const { check, sizes: { cpu, gpu, software, tests } } of LADDERS.values()) {
    for (const size of [cpu, gpu, software, ...tests]) assert.equal(check?.(size) ?? null, null);
  }
});

Deno.test("what takes a minute is left out where everything is asked for, and that is said", () => {
  const names = (kernels: string[], filter?: string) =>
    chooseCases({ kernels, filter, sweep: false }, "usual").map(({ name }) => name);
  assert.ok(!names([]).includes("forest-grid"));
  assert.ok(names([]).includes("forest-fit"));
  assert.deepEqual(names(["forest"]), ["forest-fit", "forest-grid"]);
  assert.deepEqual(names([], "forest-grid"), ["forest-grid"]);
  const all = { kernels: [], sweep: false };
  assert.deepEqual(leftOut(all, "usual"), [
    "forest-grid takes a minute and was left out: deno task bench forest",
  ]);
  assert.deepEqual(leftOut({ ...all, filter: "matmul" }, "usual"), []);
});
