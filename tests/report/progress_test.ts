import assert from "node:assert/strict";
import { LineProgress } from "../../report/progress.ts";
import { barLine, plainLine, type ProgressState } from "../../report/progress_line.ts";

/** Plain progress under a clock that the test moves. */
function lineProgress() {
  const lines: string[] = [];
  let milliseconds = 0;
  const progress = new LineProgress({
    write: (text) => lines.push(text.trimEnd()),
    now: () => milliseconds,
  });
  return { lines, progress, wait: (seconds: number) => milliseconds += 1000 * seconds };
}

Deno.test("few units give a line each, however finely they are updated", () => {
  const { lines, progress, wait } = lineProgress();
  progress.start("Training", 3);
  for (let step = 1; step <= 12; step++) {
    wait(2);
    progress.update(step / 4, `loss ${step}`);
  }
  progress.stop();
  assert.deepEqual(lines, [
    "Training 1/3  loss 4  left 16 s",
    "Training 2/3  loss 8  left 8.0 s",
    "Training 3/3  loss 12  took 24 s",
  ]);
});

Deno.test("many units give a line a tenth", () => {
  const { lines, progress } = lineProgress();
  progress.start("Features", 1000);
  for (let done = 1; done <= 1000; done++) progress.update(done);
  progress.stop();
  assert.equal(lines.length, 10);
  assert.equal(lines[0], "Features   100/1,000");
});

Deno.test("slow work gives a line every ten seconds", () => {
  const { lines, progress, wait } = lineProgress();
  progress.start("Features", 1000);
  for (let done = 1; done <= 50; done++) {
    wait(1);
    progress.update(done);
  }
  assert.equal(lines.length, 5);
  assert.match(lines[0], /^Features +10\/1,000 {2}left 16 min 30 s$/);
});

Deno.test("work that ends early shows where it ended, and nothing is shown of none", () => {
  const { lines, progress } = lineProgress();
  progress.stop();
  progress.start("Training", 3);
  progress.stop();
  progress.update(2);
  assert.deepEqual(lines, []);
  progress.start("Training", 1000);
  progress.update(7);
  progress.line("stopped");
  progress.stop();
  assert.deepEqual(lines, ["stopped", "Training     7/1,000"]);
});

Deno.test("earlier work is not counted into the time left", () => {
  const state: ProgressState = {
    label: "Training",
    total: 50,
    done: 42,
    startedWith: 40,
    info: "",
    seconds: 20,
  };
  assert.equal(plainLine(state), "Training 42/50  left 1 min 20 s");
});

Deno.test("a bar fits its terminal and gives way to the words", () => {
  const state: ProgressState = {
    label: "Training",
    total: 4,
    done: 1,
    startedWith: 0,
    info: "loss 1.25",
    seconds: 10,
  };
  assert.equal(
    barLine(state, 80),
    "Training ━━━━━━━─────────────────────  1/4  loss 1.25  left 30 s",
  );
  for (let columns = 1; columns < 100; columns++) {
    assert.ok(barLine(state, columns).length < columns, `${columns} columns`);
  }
  assert.equal(barLine(state, 40), "Training  1/4  loss 1.25  left 30 s");
  assert.match(barLine({ ...state, total: 0, done: 0 }, 80), /━{28} {2}0\/0/);
});
