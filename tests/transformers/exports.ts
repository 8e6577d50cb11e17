/**
 * transformers load what a training exports, and answer as `predict` does: for each head, and with
 * updates by LoRA merged. It needs Python and PyPI, so it is no part of `deno task test`
 * (`deno task test:transformers`); where there is no Python it says so and is left out, but for CI.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { runProgramme } from "../commands/programme.ts";
import { writeUnevenClips } from "../commands/uneven_clips.ts";
import { TINY, TINY_LARGE, writeTiny } from "../models/wav2vec2/tiny.ts";
import { hasPython, python } from "./environment.ts";

const SCRIPT = fileURLToPath(new URL("answers.py", import.meta.url));
const WITHIN = 1e-4;

/** A training, and the class that transformers are to load of it. */
const RUNS = [
  ["base", "wav2vec2-base --train last:2", "Wav2Vec2ForEmotion"],
  ["large", "wav2vec2-large --train head", "Wav2Vec2ForSequenceClassification"],
  ["lora", "wav2vec2-base --train lora:2", "Wav2Vec2ForEmotion"],
  ["lora-large", "wav2vec2-large --train lora:2", "Wav2Vec2ForSequenceClassification"],
] as const;

type Probabilities = Readonly<Record<string, number>>;

const ignore = Deno.env.get("CI") !== "true" && !await hasPython();
if (ignore) {
  console.log("there is no python3 here: what transformers make of exports is not tested");
}

Deno.test("transformers load each export and give the probabilities that predict gives", {
  ignore,
}, async (t) => {
  const program = await python();
  const cwd = await Deno.makeTempDir({ prefix: "timbre-transformers-" });
  try {
    const clips = await writeUnevenClips(`${cwd}/clips`);
    await writeTiny(`${cwd}/weights/base`, { config: TINY });
    await writeTiny(`${cwd}/weights/large`, { config: TINY_LARGE });
    const files = clips.filter((_, i) => i % 5 === 0);
    const ours: Probabilities[][] = [];
    for (const [out, words] of RUNS) {
      const weights = `weights/${words.includes("large") ? "large" : "base"}`;
      await done(
        cwd,
        `train ${words} --weights ${weights} --data clips --device cpu --batch 2 --epochs 40 --out ${out}`,
      );
      const { answers } = JSON.parse(await done(cwd, `predict ${out} --json ${files.join(" ")}`));
      ours.push(
        answers.map(({ probabilities }: { probabilities: Probabilities }) => probabilities),
      );
    }
    const folders = RUNS.map(([out]) => `${cwd}/${out}/huggingface`);
    const theirs = await answersOf(program, { folders, files }, `${cwd}/hf`);
    for (const [i, [out, , wanted]] of RUNS.entries()) {
      await t.step(out, () => {
        assert.equal(theirs[i].class, wanted);
        assert.equal(theirs[i].answers.length, files.length);
        const all: number[] = [];
        for (const [j, probabilities] of theirs[i].answers.entries()) {
          assert.deepEqual(Object.keys(probabilities).sort(), Object.keys(ours[i][j]).sort());
          for (const [label, p] of Object.entries(probabilities)) {
            const apart = Math.abs(p - ours[i][j][label]);
            assert.ok(
              apart <= WITHIN,
              `${files[j]}: ${label} is ${p} there, ${ours[i][j][label]} here`,
            );
            all.push(p);
          }
        }
        // Answers that hardly differ would agree whatever was loaded.
        const spread = Math.max(...all) - Math.min(...all);
        assert.ok(spread > 100 * WITHIN, `probabilities differ by ${spread} among themselves`);
      });
    }
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});

/** Standard output of a task that did what it was asked. */
async function done(cwd: string, words: string): Promise<string> {
  const { code, stdout, stderr } = await runProgramme(words.split(" "), { cwd });
  assert.equal(code, 0, stderr);
  return stdout;
}

interface Job {
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

interface Theirs {
  readonly class: string;
  readonly answers: readonly Probabilities[];
}

/** What the script prints. `home` takes the Python that goes with an export, which transformers copy. */
async function answersOf(program: string, job: Job, home: string): Promise<Theirs[]> {
  const child = new Deno.Command(program, {
    args: [SCRIPT],
    env: { HF_HOME: home, HF_HUB_OFFLINE: "1" },
    ...{ stdin: "piped", stdout: "piped", stderr: "inherit" },
  }).spawn();
  const [output] = await Promise.all([
    child.output(),
    new Blob([JSON.stringify(job)]).stream().pipeTo(child.stdin),
  ]);
  assert.ok(output.success, "transformers could not load or ask an export; they say why above");
  return JSON.parse(new TextDecoder().decode(output.stdout));
}
