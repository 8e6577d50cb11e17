import assert from "node:assert/strict";
import { UserError } from "../../engine/error.ts";
import { fileError } from "../../report/files.ts";

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
