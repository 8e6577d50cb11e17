/** Clips as the network hears them. */
import assert from "node:assert/strict";
import { prepared, takePrepared } from "../../../models/wav2vec2/waveforms.ts";

Deno.test("clips that are taken are prepared as each alone, and held nowhere else", () => {
  const rows = [3, 7, 5].map((n) => Float32Array.from({ length: n }, (_, i) => i * i));
  const options = { doNormalize: true, least: 6 };
  const expected = rows.map((row) => prepared(row, options));
  assert.deepEqual(takePrepared(rows, options), expected);
  assert.deepEqual(expected.map(({ length }) => length), [6, 7, 6]);
  assert.equal(rows.length, 0);
});
