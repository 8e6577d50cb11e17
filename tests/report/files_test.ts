import assert from "node:assert/strict";
import { join } from "node:path";
import { UserError } from "../../engine/error.ts";
import { fileError, tryWriting } from "../../report/files.ts";

function failure(code: string): Error {
  return Object.assign(new Error(`failed (os error 1): '/somewhere'`), { code });
}

Deno.test("a full disk, a missing permission and the like become one line with advice", () => {
  const cases: [code: string, words: RegExp][] = [
    ["ENOSPC", /^cannot write a\/b: the disk is full; free some space/],
    ["EACCES", /^cannot write a\/b: permission denied; choose another/],
    ["EROFS", /read-only/],
  ];
  for (const [code, words] of cases) {
    const error = fileError(failure(code), "write", "a/b");
    assert.ok(error instanceof UserError);
    assert.match(error.message, words);
  }
  const denied = fileError(new Deno.errors.NotCapable("no"), "write", "a/b");
  assert.match(String(denied), /not given the permission; add a to --allow-read and --allow-write/);
});

Deno.test("an error of another kind is handed on as it is", () => {
  const other = new TypeError("a mistake in the program");
  assert.equal(fileError(other, "read", "a"), other);
});

Deno.test("what is read is not written over, by whatever name it goes", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const at = (...names: string[]) => join(folder, ...names);
    await Deno.mkdir(at("run"));
    for (const path of [at("a.wav"), at("other"), at("run", "weights")]) {
      await Deno.writeTextFile(path, "kept");
    }
    await Deno.symlink(at("a.wav"), at("soft"));
    await Deno.link(at("a.wav"), at("hard"));
    const read = [at("none"), at("a.wav"), at("run")];
    for (const path of [at("a.wav"), at("run", "..", "a.wav"), at("soft"), at("hard")]) {
      await assert.rejects(
        tryWriting(path, read),
        /^UserError: cannot write .*: it is .*a\.wav, wh/,
      );
    }
    await assert.rejects(tryWriting(at("run", "weights"), read), /: it is a file of .*run, which/);
    for (const path of [at("other"), at("new"), at("run", "new")]) await tryWriting(path, read);
    await tryWriting(at("a.wav"));
    const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
    assert.deepEqual(names, ["a.wav", "hard", "other", "run", "soft"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
