/**
 * Times mel images and feature vectors of a folder of audio, from files to arrays on all cores: without a
 * cache, with a cold one, and with a warm one. With the engine's flags:
 *   deno run --allow-read --allow-write --allow-run=deno \
 *     --v8-flags=--no-wasm-bounds-checks,--experimental-wasm-revectorize bench/features.ts DIR
 */
import { join } from "node:path";
import process from "node:process";
import { extract } from "../features/extract.ts";
import type { FeatureKind } from "../features/feature_engine.ts";

const folder = Deno.args[0];
if (!folder) {
  console.error("bench/features.ts: expected a folder of audio files");
  Deno.exit(2);
}
const paths = [...audioFiles(folder)].sort();
const cache = await Deno.makeTempDir({ prefix: "timbre-bench-" });
try {
  for (const kind of ["mel-image", "vector"] satisfies FeatureKind[]) {
    await time(`${kind}, no cache`, { kind, cache: null });
    await time(`${kind}, cold cache`, { kind, cache });
    await time(`${kind}, warm cache`, { kind, cache });
  }
} finally {
  await Deno.remove(cache, { recursive: true });
}

async function time(name: string, options: { kind: FeatureKind; cache: string | null }) {
  const before = process.cpuUsage();
  const start = performance.now();
  const { kept, broken } = await extract(paths, { ...options, skipBroken: true });
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before); // of all threads
  console.log(
    `${name}: ${kept.length} files in ${seconds.toFixed(2)} s, processor ` +
      `${(user / 1e6).toFixed(2)} s user and ${(system / 1e6).toFixed(2)} s system` +
      (broken.length > 0 ? `, ${broken.length} broken files left out` : ""),
  );
}

function* audioFiles(dir: string): Generator<string> {
  for (const entry of Deno.readDirSync(dir)) {
    const path = join(dir, entry.name);
    if (entry.isDirectory) yield* audioFiles(path);
    else if (/\.(wav|flac|mp3|ogg|opus|m4a)$/i.test(entry.name)) yield path;
  }
}
