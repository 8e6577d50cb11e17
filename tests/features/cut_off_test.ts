/** A compressed file that was cut off is told from a whole one where it says how long it is. */
import assert from "node:assert/strict";
import { seemsCut } from "../../features/cut_off.ts";

const readerOf = (bytes: Uint8Array) => ({
  size: bytes.length,
  read: (at: number, length: number) => bytes.slice(at, at + length),
});

for (const format of ["mp3", "ogg", "opus", "aiff", "avi"] as const) {
  Deno.test(`an ${format} without its last third seems cut, a whole one does not`, () => {
    const whole = Deno.readFileSync(`tests/goldens/audio/tone.${format}`);
    assert.equal(seemsCut(format, readerOf(whole)), false);
    const part = whole.subarray(0, Math.floor(2 * whole.length / 3));
    assert.equal(seemsCut(format, readerOf(part)), true);
    assert.equal(typeof seemsCut(format, readerOf(whole.subarray(0, 5))), "boolean");
  });
}

Deno.test("what says nothing of its length does not seem cut", () => {
  const aac = Deno.readFileSync("tests/goldens/audio/tone.aac");
  assert.equal(seemsCut("aac", readerOf(aac.subarray(0, 2000))), false);
  assert.equal(seemsCut("mp3", readerOf(new Uint8Array(500).fill(0xff))), false);
});
