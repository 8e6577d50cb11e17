/** Bytes of an open file by their place, and put together. */

/** Bytes by place, in memory or on disk; fewer than asked for only past the end. */
export interface ByteReader {
  readonly size: number;
  read(at: number, length: number): Uint8Array<ArrayBuffer>;
}

/** Fewer than asked for only at the end. */
function bytesAt(file: Deno.FsFile, at: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, readAt(file, at, bytes));
}

export function readerOf(file: Deno.FsFile): ByteReader {
  return { size: file.statSync().size, read: (at, length) => bytesAt(file, at, length) };
}

/** Bytes read: fewer than there is room for only at the end. */
export function readAt(file: Deno.FsFile, at: number, into: Uint8Array): number {
  file.seekSync(at, Deno.SeekMode.Start);
  let got = 0;
  while (got < into.length) {
    const more = file.readSync(into.subarray(got));
    if (more === null) break;
    got += more;
  }
  return got;
}

export function joinedBytes(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
