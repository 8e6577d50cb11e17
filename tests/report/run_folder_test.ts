import assert from "node:assert/strict";
import { join } from "node:path";
import { UserError } from "../../engine/error.ts";
import { RunFolder } from "../../report/run_folder.ts";
import { sampleReport } from "./sample.ts";

const { config, history, metrics, curves } = sampleReport();

async function inTemporaryFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

async function refused(promise: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, message);
    assert.ok(!error.message.includes("\n"));
    return true;
  });
}

Deno.test("a run is read back from its folder as it was written", () =>
  inTemporaryFolder(async (root) => {
    const run = await RunFolder.create(config, { root });
    await run.writeHistory(history);
    await run.writeMetrics(metrics);
    await run.writeCurves(curves);
    await run.writeModel(Uint8Array.of(1, 2, 3));
    await run.writeReport("<!doctype html>");
    assert.deepEqual(names(run.path), [
      "config.json",
      "curves.json",
      "history.csv",
      "metrics.json",
      "model.safetensors",
      "report.html",
    ]);
    const read = await (await RunFolder.open(run.path)).readAll();
    assert.deepEqual({ ...read, curves: [] }, { config, history, metrics, curves: [] });
    assert.equal(read.curves.length, curves.length);
    assert.ok(Math.abs(read.curves[2].roc![3].tpr - curves[2].roc![3].tpr) < 1e-4);
  }));

Deno.test("a folder is named by system, protocol and time, and never used twice", () =>
  inTemporaryFolder(async (temporary) => {
    const root = join(temporary, "runs");
    const first = await RunFolder.create(config, { root });
    const second = await RunFolder.create(config, { root });
    assert.equal(first.path, join(root, "cnn4-random-20260131-174500"));
    assert.equal(second.path, join(root, "cnn4-random-20260131-174500-2"));
  }));

Deno.test("--out takes a new folder, an empty one, or that of an earlier run", () =>
  inTemporaryFolder(async (temporary) => {
    const out = join(temporary, "a", "b");
    const first = await RunFolder.create(config, { out });
    await first.writeMetrics(metrics);
    await Deno.mkdir(first.checkpointPath);
    await Deno.writeTextFile(first.file("notes.txt"), "mine");
    const again = await RunFolder.create({ ...config, seed: 7 }, { out });
    assert.equal((await again.readConfig()).seed, 7);
    assert.deepEqual(names(out), ["config.json", "notes.txt"], "results go, other files stay");
  }));

Deno.test("--out refuses a file and a folder that holds something else, and changes neither", () =>
  inTemporaryFolder(async (temporary) => {
    const file = join(temporary, "file");
    await Deno.writeTextFile(file, "text");
    await refused(RunFolder.create(config, { out: file }), /--out .*file: a file; give a folder/);
    await refused(
      RunFolder.create(config, { out: join(file, "x") }),
      /a part of the path is a file|no such/,
    );
    await refused(RunFolder.create(config, { out: temporary }), /not empty and holds no run/);
    await Deno.writeTextFile(join(temporary, "config.json"), '{"name": "something else"}');
    await refused(RunFolder.create(config, { out: temporary }), /holds no run/);
    await Deno.writeTextFile(join(temporary, "config.json"), "{");
    await refused(RunFolder.create(config, { out: temporary }), /holds no run/);
    assert.deepEqual(names(temporary), ["config.json", "file"]);
  }));

Deno.test("what cannot be written is one line, and nothing half written stays", () =>
  inTemporaryFolder(async (temporary) => {
    const run = await RunFolder.create(config, { root: temporary });
    await Deno.mkdir(run.file("metrics.json"));
    await Deno.writeTextFile(join(run.file("metrics.json"), "x"), "");
    await refused(run.writeMetrics(metrics), /cannot write .*metrics\.json: it is a folder/);
    assert.deepEqual(names(run.path), ["config.json", "metrics.json"]);
    await Deno.remove(run.path, { recursive: true });
    await refused(run.writeHistory(history), /cannot write .*history\.csv: there is no such/);
    await refused(
      RunFolder.create(config, { root: join(temporary, "x".repeat(300)) }),
      /the name is too long/,
    );
  }));

Deno.test("opening what is no run says what it is", () =>
  inTemporaryFolder(async (temporary) => {
    await refused(RunFolder.open(join(temporary, "none")), /none: there is no such folder; give/);
    await refused(RunFolder.open(temporary), /the folder is empty/);
    await Deno.writeTextFile(join(temporary, "file"), "");
    await refused(RunFolder.open(join(temporary, "file")), /a file, not a folder/);
    await refused(RunFolder.open(temporary), /the folder holds no run/);
  }));

Deno.test("an unfinished run says which file is missing", () =>
  inTemporaryFolder(async (root) => {
    const run = await RunFolder.create(config, { root });
    await refused(run.readAll(), /cannot read .*history\.csv: there is no such file/);
  }));

Deno.test("a place for a run is tried without leaving anything behind", () =>
  inTemporaryFolder(async (root) => {
    await RunFolder.check({ out: join(root, "a", "b") });
    await RunFolder.check({ root: join(root, "runs") });
    assert.deepEqual(names(root), []);
    await Deno.writeTextFile(join(root, "file"), "");
    await refused(RunFolder.check({ out: join(root, "file") }), /^--out .*a file/);
    await refused(RunFolder.check({ root: join(root, "file") }), /^cannot write .*not a folder/);
    assert.deepEqual(names(root), ["file"]);
  }));

Deno.test("the model of a run is found by its folder or its own name, with or without the rest", () =>
  inTemporaryFolder(async (root) => {
    const run = await RunFolder.create(config, { out: join(root, "run") });
    assert.equal(await RunFolder.findModel(run.path), run.modelPath);
    const bare = join(root, "model.safetensors");
    await Deno.writeTextFile(bare, "");
    assert.equal(await RunFolder.findModel(bare), bare);
    assert.equal(await RunFolder.findModel(root), bare);
    await refused(RunFolder.findModel(join(root, "none")), /there is no such folder; give/);
  }));
