/**
 * Imports point one way. The table below is the map of the project: a file may import from its own
 * room and from rooms further down, never from one further up or beside it. Read from the sources
 * themselves, so that files no command reaches are held to it as well.
 */
import assert from "node:assert/strict";
import { posix } from "node:path";

const root = new URL("../", import.meta.url);

/**
 * Rooms from the top down; rooms of one row are neighbours and do not know each other. A path
 * belongs to the longest room that begins it.
 */
const floors: readonly (readonly string[])[] = [
  ["cli.ts"],
  ["commands/"],
  ["commands/hear/", "commands/run/"],
  ["commands/model/"],
  ["commands/sources/", "commands/words/"],
  ["docs/", "examples/"],
  ["bench/"],
  // Made-up inputs that tests check and the bench times. Tests themselves import what they like.
  ["tests/"],
  ["models/", "report/"],
  ["features/", "text/"],
  ["engine/mod.ts"],
  ["engine/train/"],
  ["engine/io/"],
  ["engine/nn/", "engine/optim/"],
  ["engine/gradcheck.ts"],
  ["engine/autograd.ts"],
  ["engine/ops/"],
  ["engine/op.ts"],
  // The one file that names both backends.
  ["engine/open.ts"],
  // A device holds scopes and a tape of tensors, and a tensor knows its device: one room.
  ["engine/device.ts", "engine/tape.ts", "engine/tensor.ts"],
  ["engine/storage.ts"],
  ["engine/cpu/", "engine/webgpu/", "engine/device_choice.ts"],
  ["engine/backend.ts"],
  ["results/"], // figures, not code
  ["engine/"], // shape, dtype, random, error, host: they import nothing but each other
];

/** Neighbours that are one room after all. */
const circles: readonly (readonly string[])[] = [
  ["engine/device.ts", "engine/tape.ts", "engine/tensor.ts"],
];

interface Import {
  readonly from: string;
  /** A path from the root, or a package's name. */
  readonly to: string;
}

/** The longest room that `path` begins with, and its floor. */
function roomOf(path: string): { room: string; floor: number } | undefined {
  return floors.flatMap((rooms, floor) => rooms.map((room) => ({ room, floor })))
    .filter(({ room }) => path.startsWith(room))
    .sort((a, b) => b.room.length - a.room.length)[0];
}

function complaint({ from, to }: Import): string | undefined {
  const a = roomOf(from);
  const b = roomOf(to);
  if (!a || !b) return `${a ? to : from} is in no room of the table`;
  if (a.room === b.room || b.floor > a.floor) return undefined;
  if (circles.some((c) => c.includes(a.room) && c.includes(b.room))) return undefined;
  return `${from} imports ${to}`;
}

/** TypeScript files below a folder, by path from the root. Kernels are AssemblyScript. */
async function* sources(folder = ""): AsyncGenerator<string> {
  for await (const { name, isDirectory, isFile } of Deno.readDir(new URL(folder, root))) {
    const path = folder + name;
    if (isDirectory && !name.startsWith(".") && !skipped.has(path)) yield* sources(`${path}/`);
    if (isFile && name.endsWith(".ts")) yield path;
  }
}
const skipped = new Set([
  "bench/ladder",
  "engine/cpu/kernels",
  "node_modules",
  "runs",
  "tests",
  "synthetic",
]);

/** Static, dynamic and worker imports of a source text. */
function importsOf(from: string, text: string): Import[] {
  const pattern =
    /^(?:import|export)\b[^;"]*?\bfrom "([^"]+)"|\bimport\(\s*"([^"]+)"|^import "([^"]+)"|new URL\("([^"]+\.ts)"/gm;
  return [...text.matchAll(pattern)].map((m) => {
    const target = m[1] ?? m[2] ?? m[3] ?? m[4];
    return {
      from,
      to: target.startsWith(".") ? posix.join(posix.dirname(from), target) : target,
    };
  });
}

async function readAll(): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for await (const path of sources()) texts.set(path, await Deno.readTextFile(new URL(path, root)));
  return texts;
}

Deno.test("imports point from the commands down to the engine's ground", async () => {
  const imports = [...await readAll()].flatMap(([path, text]) => importsOf(path, text))
    .filter(({ to }) => to.endsWith(".ts"));
  assert.ok(imports.length > 50, `only ${imports.length} imports were found`);
  assert.deepEqual(imports.map(complaint).filter((c) => c !== undefined), []);
});

Deno.test("the map of imports refuses a way up, and a way to the side", () => {
  const wrong = [
    { from: "engine/tensor.ts", to: "engine/ops/elementwise.ts" },
    { from: "engine/shape.ts", to: "engine/backend.ts" },
    { from: "engine/cpu/backend.ts", to: "engine/webgpu/backend.ts" },
    { from: "features/mel.ts", to: "commands/train.ts" },
    { from: "models/cnn4.ts", to: "report/html.ts" },
    { from: "models/cnn4.ts", to: "tests/models/sample.ts" },
    { from: "elsewhere/x.ts", to: "engine/mod.ts" },
  ];
  assert.deepEqual(wrong.filter((i) => complaint(i) === undefined), []);
});

Deno.test("every form of import is seen", () => {
  const text = [
    'import { a } from "./a.ts";',
    'import type {\n  B,\n} from "../b.ts";',
    'export * from "./c.ts";',
    'const d = await import("./d.ts");',
    'new Worker(new URL("./e.ts", import.meta.url));',
    'import "./f.ts";',
  ].join("\n");
  assert.deepEqual(importsOf("x/y.ts", text).map(({ to }) => to), [
    "x/a.ts",
    "b.ts",
    "x/c.ts",
    "x/d.ts",
    "x/e.ts",
    "x/f.ts",
  ]);
});

Deno.test("the engine imports no package and knows no Deno outside its host file", async () => {
  // The build script is a program of its own: it compiles the kernels before the engine exists.
  const exempt = ["engine/host.ts", "engine/cpu/build.ts"];
  const engine = [...await readAll()].filter(([path]) =>
    path.startsWith("engine/") && !exempt.includes(path)
  );
  const packages = engine.flatMap(([path, text]) => importsOf(path, text))
    .filter(({ to }) => !to.endsWith(".ts") && !to.endsWith(".wgsl"));
  assert.deepEqual(packages, []);
  const deno = engine.filter(([, text]) => /\bDeno\s*[.[]/.test(text)).map(([path]) => path);
  assert.deepEqual(deno, []);
});
