/** Tile shapes: whatever a tuner may choose gives the same products, and what does not fit is not taken. */
import assert from "node:assert/strict";
import * as T from "../../../engine/mod.ts";
import {
  attentionFits,
  bothPrecisions,
  type ConvTile,
  defaultTiles,
  type MatmulTile,
  narrowed,
  parseTiles,
  type TileOutputs,
} from "../../../engine/tiles.ts";
import { openAsRealGpu, openAsSoftware } from "../devices.ts";
import { checkCase } from "./check.ts";
import { cases as attentionCases } from "./attention_cases.ts";
import { cases as conv1dCases } from "./conv1d_cases.ts";
import { cases as convCases } from "./conv_cases.ts";
import { nd, type OpCase } from "./harness.ts";

const EVERYWHERE = { maxInvocations: 256, maxWorkgroupStorage: 16_384 };

function product(
  m: number,
  k: number,
  n: number,
  transposeA: boolean,
  transposeB: boolean,
): OpCase {
  return {
    covers: ["matmul"],
    name: `${m}×${k}×${n}${transposeA ? ", AT" : ""}${transposeB ? ", BT" : ""}`,
    inputs: [
      { shape: transposeA ? [k, m] : [m, k] },
      { shape: transposeB ? [n, k] : [k, n] },
      { shape: [n] },
    ],
    run: ([a, b, bias]) => T.matmul(a, b, { transposeA, transposeB, bias }),
    reference: ([a, b, bias]) =>
      nd([m, n], (i) => {
        const row = Math.floor(i / n), column = i % n;
        let total = bias.data[column];
        for (let j = 0; j < k; j++) {
          total += a.data[transposeA ? j * m + row : row * k + j] *
            b.data[transposeB ? column * k + j : j * n + column];
        }
        return total;
      }),
    forwardOnly: true,
  };
}

/** One past a tile each way, in whole vec4s where the wide shader needs them. */
const products = [[false, false], [true, false], [false, true], [true, true]].flatMap(([a, b]) => [
  product(132, 20, 68, a, b),
  product(4, 4, 4, a, b),
  product(36, 516, 132, a, b),
  product(33, 5, 7, a, b),
]);

const SHAPES: readonly MatmulTile[] = [
  { rows: 128, columns: 128, depth: 8, side: 8, buffers: 1 },
  { rows: 64, columns: 128, depth: 8, side: 8, buffers: 2 },
  { rows: 64, columns: 64, depth: 16, side: 8, buffers: 2 },
  // Too deep for a thread's hands: by single elements.
  { rows: 32, columns: 64, depth: 16, side: 8, buffers: 1 },
  { rows: 32, columns: 16, depth: 4, side: 4, buffers: 1 },
  { rows: 64, columns: 32, depth: 32, side: 4, buffers: 1 },
];

for (const shape of SHAPES) {
  const { rows, columns, depth, side, buffers } = shape;
  const name = `${rows}×${columns}×${depth}, ${side}×${side} a thread, buffers: ${buffers},`;
  Deno.test(`products in tiles of ${name} are right`, async (t) => {
    using device = await openAsRealGpu({ matmul: { large: shape, small: shape } });
    if (!device) return;
    for (const c of products) await t.step(c.name, () => checkCase(c, [device]));
  });
}

Deno.test("a software adapter takes the wide shader where its tile is filled, and is right", async (t) => {
  using device = await openAsSoftware();
  if (!device) return;
  const kernels = new Set<string>();
  device.backend.observer = {
    opBegan() {},
    opEnded() {},
    launched: (launch) => void kernels.add("shader" in launch ? launch.shader : launch.kernel),
  };
  const shapes = [
    [128, 8, 128, true],
    [132, 20, 260, true],
    [124, 8, 128, false],
    [128, 8, 124, false],
    [128, 8, 130, false],
  ] as const;
  for (const [m, k, n, wide] of shapes) {
    for (const transposed of [false, true]) {
      const c = product(m, k, n, transposed, transposed);
      kernels.clear();
      await t.step(c.name, () => checkCase(c, [device]));
      assert.equal(kernels.has("matmul_wide"), wide, c.name);
    }
  }
});

const SIDES: readonly (4 | 8)[] = [4, 8];

for (const side of SIDES) {
  const name = `convolutions in other tiles than the default, ${side}×${side} a thread, are right`;
  Deno.test(name, async (t) => {
    const every = (tile: Omit<ConvTile, "side">): Record<TileOutputs, ConvTile> => ({
      16: { ...tile, side: 4 },
      32: { ...tile, side: 4 },
      64: { ...tile, side },
    });
    using device = await openAsRealGpu({
      conv: every({ across: 32, depth: 8 }),
      convWeight: every({ across: 64, depth: 4 }),
      conv1d: every({ across: 32, depth: 8 }),
      conv1dWeight: every({ across: 64, depth: 4 }),
    });
    if (!device) return;
    for (const c of [...convCases, ...conv1dCases]) {
      await t.step(c.name, () => checkCase(c, [device]));
    }
  });
}

for (const [few, more] of [[4, 16], [16, 8]]) {
  Deno.test(`attention by ${few} or ${more} keys at a time is right`, async (t) => {
    const attention = { 4: { keys: few }, 8: { keys: more } };
    using device = await openAsRealGpu({ attention, attentionGrad: attention });
    if (device?.backend.kind !== "webgpu") return;
    const { caps } = device.backend;
    if (!attentionFits(attention[4], 4, caps) || !attentionFits(attention[8], 8, caps)) return;
    for (const c of attentionCases) await t.step(c.name, () => checkCase(c, [device]));
  });
}

/** An op of each kind, on operands in the precision of their device. */
const TILED: Readonly<Record<string, (full: (...shape: number[]) => T.Tensor) => T.Tensor>> = {
  matmul: (full) => T.matmul(full(8, 8), full(8, 8)),
  conv: (full) => T.conv2d(full(1, 4, 4, 4), full(3, 4, 3, 3), { padding: 1 }),
  conv1d: (full) => T.conv1d(full(1, 9, 12), full(3, 12, 3), { padding: 1 }),
  attention: (full) => T.attention(full(1, 9, 8), full(1, 9, 8), full(1, 9, 8), { heads: 1 }),
};

Deno.test("operands of halves take their own tiles, forward and backward", async () => {
  const every = (across: number): Record<TileOutputs, ConvTile> => {
    const tile = { across, depth: 8, side: 4 } as const;
    return { 16: tile, 32: tile, 64: tile };
  };
  const shapes = (n: number, keys: number) => {
    const tile = { rows: n, columns: n, depth: 8, side: 4, buffers: 1 } as const;
    const [conv, attention] = [every(n), { 4: { keys }, 8: { keys: 8 } }];
    return {
      ...{ matmul: { large: tile, small: tile }, conv, convWeight: conv },
      ...{ conv1d: conv, conv1dWeight: conv, attention, attentionGrad: attention },
    };
  };
  const shapeOf = ({ COLUMNS, ROWS, TILE }: Readonly<Record<string, number>>) =>
    TILE ?? Math.max(ROWS, COLUMNS);
  for (const [precision, n, keys] of [["f32", 32, 4], ["f16", 64, 8]] as const) {
    using device = await openAsRealGpu(shapes(32, 4), { precision }, shapes(64, 8));
    if (!device) return;
    const taken: [string, number][] = [];
    device.backend.observer = {
      opBegan() {},
      opEnded() {},
      launched(launch) {
        if (!("shader" in launch) || !/_tiled$|^attention(_grad)?$/.test(launch.shader)) return;
        taken.push([launch.shader, shapeOf(launch.constants ?? {})]);
      },
    };
    for (const [name, run] of Object.entries(TILED)) {
      taken.length = 0;
      device.scope(() => {
        const full = (...shape: number[]) => {
          const x = T.full(device, shape, 1);
          x.requiresGrad = true;
          return x;
        };
        T.backward(T.sum(run(full)));
      });
      const wanted = name === "attention" ? keys : n;
      assert.ok(taken.length >= 3, `${name}: ${taken}`);
      for (const [shader, shape] of taken) assert.equal(shape, wanted, `${shader}, ${precision}`);
    }
  }
});

Deno.test("a tile is halved where more than half of it would be empty, down to one that every shader can do with", () => {
  const across = (wanted: number) =>
    narrowed({ across: 256, depth: 8, side: 4 }, 16, wanted).across;
  assert.deepEqual([1000, 129, 128, 65, 64, 10, 1].map(across), [256, 256, 128, 128, 64, 32, 32]);
  // A thread for each of 64 terms.
  assert.equal(narrowed({ across: 64, depth: 64, side: 8 }, 64, 5).across, 64);
  assert.equal(narrowed({ across: 256, depth: 64, side: 4 }, 16, 5).across, 64);
});

Deno.test("a tuner's file is taken as far as it fits the adapter", () => {
  const fallback = defaultTiles("", EVERYWHERE);
  const large = { rows: 128, columns: 64, depth: 16, side: 8, buffers: 1 } as const;
  const parse = (tiles: unknown) => {
    const found = parseTiles(JSON.stringify({ tiles }), fallback, EVERYWHERE);
    assert.deepEqual(found?.f16, found?.f32);
    return found?.f32 ?? null;
  };
  assert.deepEqual(parse({ matmul: { large } })?.matmul, { ...fallback.matmul, large });
  for (
    const wrong of [
      { ...large, rows: 256, columns: 256 }, // 1,024 threads
      { ...large, depth: 64 }, // more than 16 KiB
      { ...large, rows: 100 },
      { ...large, side: 3 },
      { ...large, buffers: 2 }, // 30 KiB
      { ...large, rows: 64, depth: 8, buffers: 3 },
      { rows: "128" },
      null,
    ]
  ) assert.deepEqual(parse({ matmul: { large: wrong } }), fallback);
  const conv = { 16: { across: 128, depth: 16, side: 4 }, 32: { across: 1024, depth: 16 }, 64: 7 };
  assert.deepEqual(parse({ conv })?.conv, { ...fallback.conv, 16: conv[16] });
  const conv1d = { 64: { across: 32, depth: 8, side: 8 }, 16: { across: 8, depth: 8, side: 4 } };
  assert.deepEqual(parse({ conv1d })?.conv1d, { ...fallback.conv1d, 64: conv1d[64] });
  // Only tiles of 64 outputs have threads enough for 8×8.
  assert.deepEqual(parse({ conv: { 32: { across: 128, depth: 8, side: 8 } } }), fallback);
  // 16 keys of 64 channels take 25 KiB, 4 of 128 are fewer than the threads that share them.
  const attention = { 4: { keys: 4 }, 8: { keys: 4 } };
  assert.deepEqual(parse({ attention })?.attention, { ...fallback.attention, 4: attention[4] });
  assert.deepEqual(parse({ attention: { 4: { keys: 16 }, 8: 3 } }), fallback);
  assert.deepEqual(parse({ attentionGrad: attention }), {
    ...fallback,
    attentionGrad: { ...fallback.attentionGrad, 4: attention[4] },
  });
  assert.equal(parse(undefined), null);
  assert.equal(parseTiles("not JSON", fallback, EVERYWHERE), null);
});

Deno.test("a file from before a kernel was tuned keeps that kernel's default", () => {
  const fallback = defaultTiles("", EVERYWHERE);
  const { conv, convWeight } = fallback;
  const large = { rows: 128, columns: 64, depth: 8, side: 8 } as const;
  const old = {
    matmul: { large, small: large },
    conv: { ...conv, 16: { across: 64, depth: 8 } },
    convWeight,
  };
  const found = parseTiles(JSON.stringify({ tiles: old }), fallback, EVERYWHERE);
  const now = { ...large, buffers: 1 } as const;
  const tiles = {
    ...fallback,
    matmul: { large: now, small: now },
    conv: { ...conv, 16: { ...old.conv[16], side: 4 as const } },
  };
  assert.deepEqual(found, bothPrecisions(tiles));
});

Deno.test("a file's tiles of halves are theirs alone, and what it lacks of them is f32's", () => {
  const fallback = defaultTiles("", EVERYWHERE);
  const parse = (halves: unknown) =>
    parseTiles(
      JSON.stringify({ tiles: { matmul: { large }, attention }, halves }),
      fallback,
      EVERYWHERE,
    );
  const large = { rows: 128, columns: 64, depth: 16, side: 8, buffers: 1 } as const;
  const small = { rows: 32, columns: 32, depth: 16, side: 4, buffers: 1 } as const;
  const attention = { 4: { keys: 4 }, 8: { keys: 8 } };
  const f32 = { ...fallback, matmul: { ...fallback.matmul, large }, attention };
  const halves = { matmul: { large: small, small: { ...small, rows: 100 } } };
  assert.deepEqual(parse(halves), {
    f32,
    f16: { ...f32, matmul: { ...fallback.matmul, large: small } },
  });
  for (const none of [undefined, null, 7, {}]) assert.deepEqual(parse(none), bothPrecisions(f32));
});

Deno.test("cards of known vendors get wide tiles where they fit, all others what fits everywhere", () => {
  assert.equal(defaultTiles("NVIDIA", EVERYWHERE).matmul.large.side, 8);
  assert.equal(defaultTiles("Intel", EVERYWHERE).matmul.large.side, 4);
  assert.equal(defaultTiles("NVIDIA", { ...EVERYWHERE, maxInvocations: 128 }).matmul.large.side, 4);
});
