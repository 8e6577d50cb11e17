/** The commands for those who study: what they print, write and refuse. */
import assert from "node:assert/strict";
import { parseArguments } from "../../commands/words/args.ts";
import { example } from "../../commands/example.ts";
import { gradcheck } from "../../commands/gradcheck.ts";
import { tour } from "../../commands/tour.ts";
import { CHAPTERS } from "../../docs/tour/chapters.ts";
import { UserError } from "../../engine/error.ts";
import { Workplace } from "./programme.ts";

/** What `body` prints. */
async function printed(body: () => Promise<void>): Promise<string> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => void lines.push(line);
  try {
    await body();
  } finally {
    console.log = log;
  }
  return lines.join("\n");
}

const refuses = (body: () => Promise<void>, message: RegExp) =>
  assert.rejects(body, (e) => e instanceof UserError && message.test(e.message));

Deno.test("the words of tour, example, gradcheck and trace become options", () => {
  const options = (line: string) => parseArguments(line.split(" "));
  assert.deepEqual(options("tour"), { command: "tour", options: {} });
  assert.deepEqual(options("tour fft"), { command: "tour", options: { chapter: "fft" } });
  assert.deepEqual(options("example xor"), { command: "example", options: { example: "xor" } });
  assert.deepEqual(options("gradcheck relu --seed 3"), {
    command: "gradcheck",
    options: { op: "relu", seed: 3, device: "auto" },
  });
  assert.deepEqual(options("trace"), {
    command: "trace",
    options: { system: "cnn4", device: "auto", precision: "f32", out: "trace" },
  });
});

Deno.test("without a name the chapters, the examples and the ops are listed", async () => {
  const contents = await printed(() => tour({}));
  for (const { name, title } of CHAPTERS) assert.ok(contents.includes(name + " "), title);
  assert.match(await printed(() => example({})), /xor .*\n.*spiral /);
  assert.match(
    await printed(() => gradcheck({ device: "cpu", seed: 1 })),
    / conv2d\b.*\bsoftmax\b/s,
  );
});

Deno.test("a name that is not known is answered with the nearest", async () => {
  await refuses(() => tour({ chapter: "tensr" }), /^tour tensr: .*did you mean tensor\?/);
  await refuses(() => example({ example: "spirals" }), /did you mean spiral\?/);
  const op = (name: string) => () => gradcheck({ op: name, device: "cpu", seed: 1 });
  await refuses(op("softmx"), /^gradcheck softmx: .*did you mean softmax\?/);
  await refuses(op("argmax"), /no op of that name has a gradient/);
  await refuses(op("__proto__"), /no op of that name has a gradient/);
});

Deno.test("gradcheck prints both gradients of every element, and the largest error", async () => {
  const text = await printed(() => gradcheck({ op: "matmul", device: "cpu", seed: 1 }));
  const rows = text.split("\n").filter((line) => /^(a|b|bias)\[/.test(line));
  assert.equal(rows.length, 3 * 4 + 4 * 2 + 2);
  const [name, analytic, numeric] = rows[0].split(/ +/);
  assert.equal(name, "a[0,0]");
  assert.ok(Math.abs(Number(analytic) - Number(numeric)) < 1e-3);
  assert.match(text, /\nlargest error, .*: \d\.\de-\d$/);
});

Deno.test("trace, as its task runs it: a table, a timeline and a list of launches", async () => {
  await using place = await Workplace.open();
  const { code, stdout, stderr } = await place.run("trace mlp --device cpu --out deep/here");
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^MLP, batch 32: one training step on CPU/);
  assert.deepEqual(await place.names("deep", "here"), ["launches.csv", "trace.json"]);
  const { traceEvents } = JSON.parse(await place.text("deep", "here", "trace.json"));
  const launches = traceEvents.filter((e: { cat?: string }) => e.cat === "launch");
  const lines = (await place.text("deep", "here", "launches.csv")).trimEnd().split("\n");
  assert.equal(lines.length, launches.length + 1);
  assert.match(stdout, new RegExp(` in ${launches.length} launches, `));
});
