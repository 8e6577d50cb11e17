/** The random stream: known answers, the same words on every backend, state, fairness. */
import assert from "node:assert/strict";
import { dropout, normal, Random, uniform } from "../../engine/mod.ts";
import { threefry, wordsOf } from "../../engine/random.ts";
import { openDevices } from "./devices.ts";
import { assertClose } from "./ops/harness.ts";

Deno.test("threefry gives the known answers of Random123", () => {
  const ones = 0xffffffff;
  assert.deepEqual(threefry([0, 0], [0, 0]), [0x6b200159, 0x99ba4efe]);
  assert.deepEqual(threefry([ones, ones], [ones, ones]), [0x1cb996fc, 0xbb002be7]);
  assert.deepEqual(
    threefry([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3]),
    [0xc4923a9c, 0x483df7a0],
  );
});

/** Words of `n` elements after `counter`, as the host computes them. */
function hostWords(random: Random, counter: number, n: number): number[] {
  return Array.from(
    { length: n },
    (_, i) => threefry(random.key, wordsOf(counter + Math.floor(i / 2)))[i % 2],
  );
}

/** A stream about to pass 2^32 blocks, where the counter's upper word changes. */
function nearCarry(): Random {
  const random = Random.of(7, "carry");
  random.restore({ ...random.state(), counter: 2 ** 32 - 5 });
  return random;
}

Deno.test("uniform numbers are the host's stream to the bit on every backend", async (t) => {
  using devices = await openDevices();
  for (const device of devices.list) {
    for (const n of [1, 2, 7, 8, 67, 20_001]) {
      await t.step(`${n} on ${device.name}`, async () => {
        const random = nearCarry();
        const expected = hostWords(random, 2 ** 32 - 5, n).map((w) => (w >>> 8) / 2 ** 24);
        using x = uniform(device, [n], random);
        assertClose(`${n} numbers`, await x.data(), expected, 0);
        assert.equal(random.state().counter, 2 ** 32 - 5 + Math.ceil(n / 2));
      });
    }
  }
});

Deno.test("normal numbers are the host's stream through Box and Muller", async (t) => {
  using devices = await openDevices();
  const n = 20_001;
  const random = Random.of(3);
  const words = hostWords(random, 0, n + 1);
  const expected = Array.from({ length: n }, (_, i) => {
    const radius = Math.sqrt(-2 * Math.log(((words[i & ~1] >>> 8) + 1) / 2 ** 24));
    const angle = 2 * Math.PI * (words[i | 1] >>> 8) / 2 ** 24;
    return 1.5 + 0.25 * radius * (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
  });
  for (const device of devices.list) {
    await t.step(device.name, async () => {
      using x = normal(device, [n], Random.of(3), { mean: 1.5, deviation: 0.25 });
      assertClose(device.name, await x.data(), expected, 1e-5);
    });
  }
});

Deno.test("uniform numbers fill their range past 65,535 workgroups", async (t) => {
  using devices = await openDevices();
  const n = 65_537 * 128 + 1;
  for (const device of devices.list) {
    await t.step(device.name, async () => {
      using x = uniform(device, [n], Random.of(1), { low: -2, high: 3 });
      const data = await x.data() as Float32Array;
      const mean = data.reduce((s, v) => s + v, 0) / n;
      const square = data.reduce((s, v) => s + v * v, 0) / n;
      // Five standard errors of the mean and of the mean square.
      assert.ok(Math.abs(mean - 0.5) < 5 * 1.444 / Math.sqrt(n), `mean ${mean}`);
      assert.ok(Math.abs(square - 7 / 3) < 5 * 2.5 / Math.sqrt(n), `mean square ${square}`);
      const at = n - 1;
      const word = threefry(Random.of(1).key, wordsOf(Math.floor(at / 2)))[at % 2];
      assert.equal(data[at], Math.fround(-2 + 5 * (word >>> 8) / 2 ** 24));
    });
  }
});

Deno.test("a restored stream goes on with the same numbers", () => {
  const random = Random.of(11, "resume");
  random.permutation(100);
  const state = JSON.parse(JSON.stringify(random.state()));
  const rest = [random.nextU32(), random.below(1000), ...random.permutation(20)];
  const again = Random.of(0);
  again.restore(state);
  assert.deepEqual([again.nextU32(), again.below(1000), ...again.permutation(20)], rest);
});

Deno.test("streams of other seeds and names differ", () => {
  const firsts = [Random.of(1), Random.of(2), Random.of(1, "a"), Random.of(1, "b"), Random.of(-1)]
    .map((r) => r.nextU32());
  assert.equal(new Set(firsts).size, firsts.length);
});

Deno.test("a permutation holds every number once, and every order is as likely", () => {
  const random = Random.of(5);
  assert.deepEqual([...random.permutation(257)].sort((a, b) => a - b), [...Array(257).keys()]);
  assert.deepEqual([...random.permutation(0)], []);
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const key = random.permutation(3).join("");
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  // Each count is 1000 ± 29 (one standard deviation).
  for (const [key, n] of counts) assert.ok(Math.abs(n - 1000) < 145, `${key}: ${n}`);
});

Deno.test("dropout draws a new mask each time, and refuses what is no probability", async (t) => {
  using devices = await openDevices();
  for (const device of devices.list) {
    await t.step(device.name, async () => {
      const random = Random.of(9);
      using x = uniform(device, [1000], random, { low: 1, high: 2 });
      using a = dropout(x, 0.5, random);
      using b = dropout(x, 0.5, random);
      assert.notDeepEqual(await a.data(), await b.data());
      assert.equal(dropout(x, 0, random), x);
      assert.throws(() => dropout(x, 1.5, random), /between 0 and 1, got 1.5/);
    });
  }
});
