import assert from "node:assert/strict";
import { readRetryAfter } from "../../commands/sources/attempts.ts";

Deno.test("when to ask again is read in seconds or as a date", () => {
  const now = Date.parse("Sun, 06 Nov 1994 08:49:37 GMT");
  assert.equal(readRetryAfter(null), undefined);
  assert.equal(readRetryAfter("soon", now), undefined);
  assert.equal(readRetryAfter("120", now), 120);
  assert.equal(readRetryAfter("Sun, 06 Nov 1994 08:50:07 GMT", now), 30);
  assert.equal(readRetryAfter("Sun, 06 Nov 1994 08:00:00 GMT", now), 0);
});
