/**
 * One file from a server to disk, checked. A download that broke off goes on where it stopped, in this run
 * or a later one. Who asks knows how to ask; what can go wrong on the way is dealt with here.
 */
import type { Progress } from "../../report/progress.ts";
import { type Attempt, FromTheStart, Hiccup, type Patience, patiently } from "./attempts.ts";
import { PartialFile, type WantedFile } from "./partial_file.ts";

const MEGABYTE = 1e6;

export interface DownloadOptions extends Patience {
  /** What errors begin with. */
  readonly name: string;
  /** An attempt to have all from `start` on. */
  attempt(start: number): Attempt;
  /** The bytes from `start` to the file's end, asked for by `attempt.fetch`. */
  open(attempt: Attempt, start: number): Promise<AsyncIterable<Uint8Array>>;
  /** Told how many bytes are there. */
  report(bytes: number): void;
}

/**
 * Fetches a file to `path` and says true, or false where it is there already and sound.
 * Throws one line where that fails for good; what came by then is kept for the next time.
 */
export async function download(
  file: WantedFile,
  path: string,
  options: DownloadOptions,
): Promise<boolean> {
  const { report } = options;
  if (await PartialFile.isWhole(path, file)) {
    report(file.size);
    return false;
  }
  using partial = await PartialFile.open(path, file);
  let best = partial.length;
  await patiently(async () => {
    report(partial.length);
    while (partial.length < file.size) await receive(file, partial, options);
  }, {
    ...options,
    progressed() {
      const progressed = partial.length > best;
      best = Math.max(best, partial.length);
      return progressed;
    },
  });
  await partial.finish();
  return true;
}

/** One request for all that is still missing. */
async function receive(
  file: WantedFile,
  partial: PartialFile,
  { attempt: begin, open, report }: DownloadOptions,
): Promise<void> {
  const attempt = begin(partial.length);
  try {
    for await (const bytes of await open(attempt, partial.length)) {
      attempt.alive();
      partial.append(bytes);
      report(partial.length);
    }
  } catch (error) {
    const fault = attempt.fault ?? error;
    if (fault instanceof FromTheStart) partial.restart();
    throw fault;
  } finally {
    attempt.end();
  }
  if (partial.length < file.size) throw new Hiccup("the connection was closed");
}

/** Shows a download of `file` while `work` reports its bytes. */
export async function showingBytes<T>(
  progress: Progress,
  { path, size }: WantedFile,
  work: (report: (bytes: number) => void) => Promise<T>,
): Promise<T> {
  const [unit, bytes] = size < 10 * MEGABYTE ? ["kB", 1e3] : ["MB", MEGABYTE];
  const total = Math.ceil(size / bytes);
  progress.start(`${path}, ${unit}`, total);
  try {
    return await work((done) => progress.update(done === size ? total : done / bytes));
  } finally {
    progress.stop();
  }
}
