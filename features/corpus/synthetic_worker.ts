/**
 * A Worker that makes clips of the synthetic corpus and writes them, a batch at a time.
 * A file appears whole or not at all: it is written under a hidden name and then renamed.
 */

import { join } from "node:path";
import { actorFolder, type Batch, type BatchResult, clipFile } from "./synthetic_plan.ts";
import { synthesize } from "./voice/synthesize.ts";
import { SAMPLE_RATE } from "./voice/vocal_tract.ts";
import { encodeWav } from "./voice/wav.ts";

interface WorkerScope {
  onmessage: ((event: MessageEvent<Batch>) => void) | null;
  postMessage(result: BatchResult): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data: batch }) => {
  scope.postMessage(make(batch));
};

function make({ dir, seed, clips }: Batch): BatchResult {
  for (const clip of clips) {
    const folder = join(dir, actorFolder(clip.actor));
    const temporary = join(folder, `.${clipFile(clip)}.part`);
    const bytes = encodeWav(synthesize(clip, seed), SAMPLE_RATE);
    try {
      Deno.writeFileSync(temporary, bytes);
      Deno.renameSync(temporary, join(folder, clipFile(clip)));
    } catch (error) {
      return { failed: `${folder}: ${error instanceof Error ? error.message : error}` };
    }
  }
  return { made: clips.length };
}
