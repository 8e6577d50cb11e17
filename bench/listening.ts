/**
 * How long `predict` takes as people start it, and how much memory: the first answer, a minute and an
 * hour of made-up voices, and that hour compressed where a file of it is given. Whole processes are
 * measured, by the clock and by the processor, so that other work beside them shows.
 *
 *     deno task bench:listening [--run RUN] [FILE…]
 */
import { join } from "node:path";
import { synthesize } from "../features/corpus/voice/synthesize.ts";
import { SAMPLE_RATE } from "../features/corpus/voice/vocal_tract.ts";
import configuration from "../deno.json" with { type: "json" };

const LENGTHS: readonly [name: string, seconds: number][] = [
  ["a clip of 3 s", 3],
  ["a minute", 60],
  ["an hour", 3600],
];

/** Voices one after another, seconds apart by their own quiet ends. */
function voices(seconds: number): Int16Array {
  const samples = new Int16Array(seconds * SAMPLE_RATE);
  const clips = Array.from({ length: 16 }, (_, i) => {
    const clip = { actor: 1 + i % 4, emotion: i % 8, intensity: 1 + i % 2 };
    return synthesize({ ...clip, statement: 1 + i % 2, repetition: 1 }, 1);
  });
  for (let at = 0, i = 0; at < samples.length; at += clips[i++ % 16].length) {
    clips[i % 16].forEach((x, k) => samples[at + k] = Math.round(32_767 * x));
  }
  return samples;
}

/**
 * Seconds of voices as a WAV file, a minute of them over and over. Little is held meanwhile: the most
 * memory that a process ever took counts from before it became another program.
 */
async function writeWav(path: string, seconds: number): Promise<void> {
  const block = voices(Math.min(60, seconds));
  const times = Math.ceil(seconds * SAMPLE_RATE / block.length);
  const size = times * block.byteLength;
  const head = new DataView(new ArrayBuffer(44));
  const text = (at: number, id: string) =>
    [...id].forEach((c, i) => head.setUint8(at + i, c.charCodeAt(0)));
  text(0, "RIFF");
  head.setUint32(4, 36 + size, true);
  text(8, "WAVEfmt ");
  head.setUint32(16, 16, true);
  [1, 1].forEach((value, i) => head.setUint16(20 + 2 * i, value, true));
  [SAMPLE_RATE, 2 * SAMPLE_RATE].forEach((v, i) => head.setUint32(24 + 4 * i, v, true));
  [2, 16].forEach((value, i) => head.setUint16(32 + 2 * i, value, true));
  text(36, "data");
  head.setUint32(40, size, true);
  await Deno.writeFile(path, new Uint8Array(head.buffer));
  const bytes = new Uint8Array(block.buffer);
  for (let i = 0; i < times; i++) await Deno.writeFile(path, bytes, { append: true });
}

/** One run of the task's own command, and what it used. */
async function measure(name: string, words: readonly string[]): Promise<void> {
  const [program, ...rest] = configuration.tasks.predict.command.split(" ").slice(1);
  const flags = rest.slice(1, rest.indexOf("cli.ts"));
  const usage = new URL("./listening_usage.ts", import.meta.url).href;
  const start = performance.now();
  const { code, stderr } = await new Deno.Command(program, {
    args: ["run", ...flags, `--preload=${usage}`, "cli.ts", "predict", ...words],
    stdout: "null",
  }).output();
  const seconds = (performance.now() - start) / 1000;
  const told = new TextDecoder().decode(stderr).trimEnd().split("\n").at(-1) ?? "";
  if (code !== 0) throw new Error(told);
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(told);
  console.log(
    `${name.padEnd(16)} ${seconds.toFixed(2).padStart(6)} s, processor ` +
      `${((userCPUTime + systemCPUTime) / 1e6).toFixed(2).padStart(6)} s, ` +
      `at most ${(maxRSS / 1024).toFixed(0)} MiB`,
  );
}

const at = Deno.args.indexOf("--run");
const run = at < 0 ? [] : Deno.args.slice(at, at + 2);
const files = Deno.args.filter((_, i) => at < 0 || i < at || i > at + 1);
const folder = await Deno.makeTempDir({ prefix: "timbre-bench-" });
try {
  for (const [name, seconds] of LENGTHS) {
    const path = join(folder, "voices.wav");
    await writeWav(path, seconds);
    await measure(name, [...run, "--device", "cpu", path]);
  }
  for (const file of files) await measure(file, [...run, "--device", "cpu", file]);
} finally {
  await Deno.remove(folder, { recursive: true });
}
