/** Bytes of an open file by their place. */

/** Fewer than asked for only at the end. */
export function bytesAt(file: Deno.FsFile, at: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, readAt(file, at, bytes));
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
