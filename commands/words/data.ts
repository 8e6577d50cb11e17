/** The words of `data`. */
import type { DataOptions } from "./options.ts";
import { type Add, type Hooks, withDebug } from "./parts.ts";
import { path } from "./values.ts";

export function addData(add: Add, { invoke }: Hooks): void {
  const command = add("data", "Fetch RAVDESS's speech from Zenodo, about 208 MB.", [
    "deno task data",
    "deno task data --out DIR --keep",
  ])
    .usage("[options]")
    .option("--out <DIR>", "folder of the recordings (default: data/ravdess)", path("--out"))
    .option("--keep", "leave the archive beside that folder", false);
  withDebug(command).action(() => {
    invoke({ command: "data", options: command.opts<DataOptions>() });
  });
}
