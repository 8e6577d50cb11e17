/** Where tests of `data` fetch a few tiny recordings to, from a server on this machine. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type FetchOptions, fetchRavdess } from "../../commands/data.ts";
import { UserError } from "../../engine/error.ts";
import { ravdessSpeechFiles } from "../../features/corpus/ravdess.ts";
import { tinyWav, zipOf } from "./archive.ts";
import { type ZenodoFaults, ZenodoServer } from "./zenodo_server.ts";

/** RAVDESS's own. */
export const ALL = ravdessSpeechFiles();
/** Recordings of two actors. */
export const FEW = [...ALL.slice(0, 3), ...ALL.slice(60, 62)];
export const CONTENT = Object.fromEntries(FEW.map((name, i) => [name, tinyWav(400 + i)]));
export const SOUND = await zipOf({ "Actor_01/": new Uint8Array(), ...CONTENT });
export const ARCHIVE = "Audio_Speech_Actors_01-24.zip";

/** A server, an empty place, and what fetches from the one into the other. */
export class Place implements AsyncDisposable {
  readonly server: ZenodoServer;
  readonly root = Deno.makeTempDirSync();
  readonly folder = join(this.root, "data", "ravdess");
  readonly shown: string[] = [];

  constructor(archive = SOUND, faults: ZenodoFaults = {}) {
    this.server = new ZenodoServer(archive);
    Object.assign(this.server.faults, faults);
  }

  async fetch(more: Partial<FetchOptions> = {}): Promise<boolean> {
    const { shown, server: { endpoint }, folder } = this;
    const progress = {
      start: (label: string, total: number) => shown.push(`${label} ${total}`),
      update: (done: number) => shown.push(String(done)),
      stop: () => {},
      line: (text: string) => shown.push(text),
    };
    return await fetchRavdess(folder, {
      endpoint,
      keep: false,
      progress,
      wanted: FEW,
      pause: 1,
      ...more,
    });
  }

  async refused(message: RegExp, more: Partial<FetchOptions> = {}): Promise<void> {
    await assert.rejects(this.fetch(more), (error: unknown) => {
      assert.ok(error instanceof UserError, String(error instanceof Error ? error.stack : error));
      assert.match(error.message, message);
      return true;
    });
    assert.ok(!this.names().some((name) => /^ravdess/.test(name)), "nothing half unpacked");
  }

  /** What lies where the folder of recordings is to be. */
  names(): string[] {
    try {
      return [...Deno.readDirSync(join(this.root, "data"))].map(({ name }) => name).sort();
    } catch {
      return [];
    }
  }

  assertWhole(): void {
    for (const name of FEW) {
      assert.deepEqual(Deno.readFileSync(join(this.folder, name)), CONTENT[name], name);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await Deno.remove(this.root, { recursive: true });
  }
}
