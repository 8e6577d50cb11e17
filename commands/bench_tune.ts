/** `bench --tune`: the best tile shapes of this GPU, kept in the user's cache for every later run. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Precision } from "../engine/dtype.ts";
import { UserError } from "../engine/error.ts";
import { tuningUrls } from "../engine/host.ts";
import type { Tiles } from "../engine/tiles.ts";
import { openBench } from "../bench/open.ts";
import { measurePeaks } from "../bench/peak.ts";
import { tune } from "../bench/tune.ts";
import { makeFolder, writeWhole } from "../report/files.ts";
import type { DeviceChoice } from "./words/options.ts";

/** @param seconds most time for it; default: as long as it takes */
export async function tuneTiles(choice: DeviceChoice, seconds?: number): Promise<void> {
  using device = await openBench(choice === "auto" ? "gpu" : choice, { untuned: true });
  const { backend } = device;
  if (backend.kind === "cpu") throw new UserError("--tune: needs a GPU, not --device cpu");
  const { software } = backend.caps;
  if (software) console.log("a software adapter takes no tuned tiles: this is a trial");
  const peaks = await measurePeaks(device);
  const onTried = (line: string) => console.log(line);
  const tuned = (precision: Precision, share: number, from?: Tiles) => {
    const most = seconds === undefined ? undefined : share * seconds;
    return tune(device, { peaks, precision, from, tiny: software, seconds: most, onTried });
  };
  const tiles = await tuned("f32", 2 / 3);
  const halves = await tuned("f16", 1 / 3, tiles);
  const found = { adapter: device.name, date: new Date().toISOString(), tiles, halves };
  const [own, ...shared] = tuningUrls(device.name).map((url) => fileURLToPath(url));
  const keep = async (path: string) => {
    await makeFolder(dirname(path));
    await writeWhole(path, `${JSON.stringify(found, null, 1)}\n`);
    console.log(`kept in ${path}`);
  };
  await keep(own);
  for (const path of shared) {
    // Not every user has a home: what was found serves this copy of the project all the same.
    await keep(path).catch((error) => console.warn(`not for other copies: ${error.message}`));
  }
}
