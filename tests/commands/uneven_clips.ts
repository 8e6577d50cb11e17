/** A corpus of a moment: two classes of clips, no two of a class of one length. */
import { join } from "node:path";
import { speech } from "../features/signals.ts";
import { makeWave } from "../features/wave_file.ts";

export const RATE = 16_000;

/** Writes `each` clips a class, 16 kHz, of 0.2 seconds and longer; their paths, class by class. */
export async function writeUnevenClips(
  dir: string,
  { labels = ["calm", "angry"], each = 10 }: {
    readonly labels?: readonly string[];
    readonly each?: number;
  } = {},
): Promise<string[]> {
  const files: string[] = [];
  for (const [k, label] of labels.entries()) {
    await Deno.mkdir(join(dir, label), { recursive: true });
    for (let i = 0; i < each; i++) {
      const samples = speech(3200 + 310 * i + 70 * k, RATE).map((x) => x * (k + 1) / 4);
      const file = join(dir, label, `clip${i}.wav`);
      await Deno.writeFile(file, makeWave({ samples, rate: RATE }));
      files.push(file);
    }
  }
  return files;
}
