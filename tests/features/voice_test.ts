/** A clip's voice: librosa's trim, and a peak of 1. */
import assert from "node:assert/strict";
import { soundingPart, voice } from "../../features/voice.ts";
import golden from "../goldens/timbre.json" with { type: "json" };
import { noise, speech } from "./signals.ts";

const RATE = 16_000;

/** Faint hiss, speech, faint hiss. */
function recording({ before, n, after }: { before: number; n: number; after: number }) {
  const hiss = (count: number) => Array.from({ length: count }, (_, i) => 0.0005 * noise(i));
  return Float32Array.from([...hiss(before), ...speech(n, RATE), ...hiss(after)]);
}

Deno.test("silence is cut where librosa cuts it", () => {
  for (const { start, end, ...parts } of golden.trims) {
    assert.deepEqual(soundingPart(recording(parts)), [start, end]);
  }
});

Deno.test("the loudest sample becomes 1, whatever the recording's level", () => {
  const loud = recording(golden.trims[0]);
  const soft = loud.map((x) => x / 64); // exact in binary
  const heard = voice(loud);
  assert.equal(heard.reduce((a, b) => Math.max(a, Math.abs(b)), 0), 1);
  assert.deepEqual(voice(soft), heard);
});

Deno.test("a click and a moment of sound have a voice too", () => {
  const click = new Float32Array(16_000);
  click[9000] = -0.5;
  assert.equal(voice(click).reduce((a, b) => Math.min(a, b), 0), -1);
  assert.deepEqual([...voice(Float32Array.of(0.25, -0.125))], [1, -0.5]);
});
