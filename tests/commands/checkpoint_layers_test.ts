/** `--checkpoint-layers` saves memory and changes nothing, also where a batch is padded. */
import assert from "node:assert/strict";
import { TINY, TINY_LARGE, writeTiny } from "../models/wav2vec2/tiny.ts";
import { ended, Workplace } from "./programme.ts";
import { writeUnevenClips } from "./uneven_clips.ts";

/** Losses and accuracies of each epoch; the last column is its time. */
const figuresOf = (history: string) =>
  history.trimEnd().split("\n").map((line) => line.slice(0, line.lastIndexOf(",")));

Deno.test("--checkpoint-layers gives the same losses on clips of different lengths", async (t) => {
  await using place = await Workplace.open();
  await writeUnevenClips(place.file("clips"));
  await writeTiny(place.file("base"), { config: TINY });
  await writeTiny(place.file("large"), { config: TINY_LARGE });
  for (const [weights, part] of [["base", "last:2"], ["base", "encoder"], ["large", "all"]]) {
    await t.step(`${weights}, --train ${part}`, async () => {
      const figures: string[][] = [];
      for (const flag of ["", " --checkpoint-layers"]) {
        const out = `${part.replace(":", "-")}${flag.trim()}`;
        ended(
          await place.run(
            `train wav2vec2-base --weights ${weights} --train ${part} --data clips --device cpu ` +
              `--epochs 2 --out ${out}${flag}`,
          ),
        );
        figures.push(figuresOf(await place.text(out, "history.csv")));
      }
      assert.match(figures[0][0], /loss/);
      assert.deepEqual(figures[1], figures[0]);
    });
  }
});
