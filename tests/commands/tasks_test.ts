import assert from "node:assert/strict";
import configuration from "../../deno.json" with { type: "json" };
import { flagsOf, type TaskName } from "./programme.ts";

const TASKS: readonly TaskName[] = [
  "train",
  "evaluate",
  "reproduce",
  "predict",
  "embed",
  "timeline",
  "subtitle",
  "braille",
  "listen",
  "features",
  "data",
  "weights",
  "devices",
  "bench",
  "tour",
  "example",
  "gradcheck",
  "trace",
];

/** What a task may do: `read`, `write`, … with the places, if it names some. */
function permissions(task: TaskName): Record<string, string> {
  return Object.fromEntries(
    flagsOf(task).filter((flag) => flag.startsWith("--allow-"))
      .map((flag) => flag.slice("--allow-".length).split("=") as [string, string?])
      .map(([what, where = "everywhere"]) => [what, where]),
  );
}

Deno.test("every task has the least permissions it can work with, and asks nobody for more", () => {
  // --data, --out, RUN and FILE may lie anywhere; FILE itself is opened with less (confined_test.ts)
  const everywhere = "everywhere";
  // where the user's cache is, in which a tuner may have left tile shapes
  const env = "XDG_CACHE_HOME,HOME";
  assert.deepEqual(Object.fromEntries(TASKS.map((task) => [task, permissions(task)])), {
    train: { read: everywhere, env, write: everywhere, run: "deno" },
    evaluate: { read: everywhere, env, write: ".cache,synthetic", run: "deno" },
    predict: { read: everywhere },
    embed: { read: everywhere, write: everywhere },
    timeline: { read: everywhere, write: everywhere },
    subtitle: { read: everywhere, write: everywhere },
    braille: { read: everywhere, write: everywhere },
    listen: { read: everywhere },
    features: { read: everywhere, write: everywhere, run: "deno" },
    reproduce: { read: everywhere, env, write: everywhere, run: "deno" },
    data: { read: everywhere, write: everywhere, env: "TIMBRE_ZENODO", net: "zenodo.org" },
    weights: {
      read: everywhere,
      write: everywhere,
      env: "HF_TOKEN,HF_ENDPOINT",
      net: "huggingface.co,*.huggingface.co,*.hf.co",
    },
    devices: { read: "." },
    bench: { read: everywhere, env, write: everywhere },
    tour: { read: "." },
    example: { read: "." },
    gradcheck: { read: "." },
    trace: { read: everywhere, env, write: everywhere },
  });
  for (const task of TASKS) assert.ok(flagsOf(task).includes("--no-prompt"), task);
  for (const { command } of Object.values(configuration.tasks)) {
    assert.ok(!/(^|\s)(-A|--allow-all)\b/.test(command), command);
  }
});

Deno.test("tasks that open strangers' files keep WebAssembly's bounds checks", () => {
  for (const task of ["predict", "embed", "timeline", "subtitle", "braille", "listen"] as const) {
    assert.ok(!flagsOf(task).some((flag) => /bounds/.test(flag)), task);
  }
});
