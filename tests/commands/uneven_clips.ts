/** A corpus of a moment: two classes of clips, no two of one length, each class at a pitch of its own. */
import { join } from "node:path";
import { encodeWav } from "../../features/corpus/voice/wav.ts";
import { speech } from "../features/signals.ts";

const RATE = 16_000;

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
      // As if taken at another rate: each class, and a little each clip, at another pitch.
      const samples = speech(3200 + 310 * i + 70 * k, RATE * (1 + k / 2 + i / 50));
      const file = join(dir, label, `clip${i}.wav`);
      await Deno.writeFile(file, encodeWav(samples, RATE));
      files.push(file);
    }
  }
  return files;
}
