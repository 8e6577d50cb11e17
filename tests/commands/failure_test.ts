import assert from "node:assert/strict";
import { DeviceLostError, OutOfMemoryError } from "../../engine/backend.ts";
import { UserError } from "../../engine/error.ts";
import { failureOf, Stopped } from "../../commands/words/failure.ts";

Deno.test("every kind of failure has its line and its exit code", () => {
  const cases: [error: unknown, code: number, line: RegExp][] = [
    [new UserError("a\n  b"), 2, /^a b$/],
    [new Stopped("stopped", 130), 130, /^stopped$/],
    [new OutOfMemoryError("out of memory: no room"), 1, /^out of memory: no room$/],
    [new RangeError("Array buffer allocation failed"), 1, /^Array buffer allocation failed$/],
    [new DeviceLostError("the GPU went away"), 1, /^the GPU went away; try again, or use/],
    [
      new Deno.errors.NotCapable('Requires run access to "x", run again with the --allow-run flag'),
      2,
      /^Deno was not given a permission \(Requires run access to "x"\); start it by deno task/,
    ],
  ];
  for (const [error, code, line] of cases) {
    const failure = failureOf(error);
    assert.match(failure.line, line);
    assert.deepEqual([failure.code, failure.unexpected], [code, false]);
  }
});

Deno.test("what nobody foresaw is named with its kind, and --debug offered", () => {
  for (const [error, line] of [[new TypeError("x is not y"), /TypeError: x/], ["text", /text/]]) {
    const failure = failureOf(error);
    assert.deepEqual([failure.code, failure.unexpected], [1, true]);
    assert.match(failure.line, line as RegExp);
    assert.match(failure.line, /^unexpected .* \(--debug shows where\)$/);
  }
});
