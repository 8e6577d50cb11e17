/** Files in memory that fail a test when asked for bytes they do not have, and count who has them open. */
import assert from "node:assert/strict";
import type { Folder, OpenFile } from "../../../engine/io/byte_source.ts";

export class MemoryFile implements OpenFile {
  readonly size: number;
  /** Of any one read. */
  largest = 0;
  closed = false;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.size = bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    assert.ok(!this.closed, "a closed file is read");
    assert.ok(offset >= 0 && length >= 0 && offset + length <= this.size, `${length} at ${offset}`);
    this.largest = Math.max(this.largest, length);
    return this.#bytes.slice(offset, offset + length);
  }

  close(): void {
    assert.ok(!this.closed, "a file is closed twice");
    this.closed = true;
  }
}

export class MemoryFolder implements Folder {
  readonly path = "D";
  readonly opened: MemoryFile[] = [];
  readonly #files: ReadonlyMap<string, Uint8Array>;

  constructor(files: Readonly<Record<string, Uint8Array | string>>) {
    this.#files = new Map(
      Object.entries(files).map(([name, content]) => [
        name,
        typeof content === "string" ? new TextEncoder().encode(content) : content,
      ]),
    );
  }

  open(name: string): Promise<OpenFile | undefined> {
    const bytes = this.#files.get(name);
    if (bytes === undefined) return Promise.resolve(undefined);
    const file = new MemoryFile(bytes);
    this.opened.push(file);
    return Promise.resolve(file);
  }

  /** Files that nobody closed. */
  get left(): number {
    return this.opened.filter((file) => !file.closed).length;
  }
}

const goldens = new URL("../../goldens/checkpoints/", import.meta.url);

export function golden(name: string): Uint8Array {
  return Deno.readFileSync(new URL(name, goldens));
}

/** The files of a folder of tests/goldens/checkpoints. */
export function goldenFolder(name: string): Record<string, Uint8Array> {
  return Object.fromEntries(
    [...Deno.readDirSync(new URL(`${name}/`, goldens))].map((entry) => [
      entry.name,
      golden(`${name}/${entry.name}`),
    ]),
  );
}
