/** `tour`: the chapters of docs/tour, and the example of each. */
import { CHAPTERS } from "../docs/tour/chapters.ts";
import { UserError } from "../engine/error.ts";
import type { TourOptions } from "./words/options.ts";
import { nearest } from "./words/suggest.ts";

export async function tour({ chapter: name }: TourOptions): Promise<void> {
  if (name === undefined) return console.log(contents());
  const chapter = CHAPTERS.find((c) => c.name === name);
  if (!chapter) {
    const names = CHAPTERS.map((c) => c.name);
    throw new UserError(
      `tour ${name}: no such chapter; there are ${names.join(", ")}${nearest(name, names)}`,
    );
  }
  const { run } = await chapter.load();
  await run(console.log);
}

function contents(): string {
  const width = Math.max(...CHAPTERS.map(({ name }) => name.length));
  const lines = CHAPTERS.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`);
  return [
    "The tour, in reading order (docs/tour/README.md):",
    ...lines,
    "",
    "deno task tour CHAPTER runs a chapter's example.",
  ].join("\n");
}
