/**
 * The entries of a zip file that are stored as they are, zip64 included, read one at a time: torch.save
 * compresses nothing. The central directory is checked against the file's size before any of it is
 * believed, and an entry's bytes against its checksum.
 *
 * Source: APPNOTE.TXT 6.3.10 (PKWARE), sections 4.3 and 4.5.3.
 */
import { type ByteSource, fail, PieceReader, readExactly, shown } from "./byte_source.ts";
import { crc32 } from "./crc32.ts";

const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_END = 0x06054b50;
const DIRECTORY_END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
/** A 32-bit field that says: see the zip64 field. */
const SEE_64 = 0xffffffff;

const LOCAL_HEADER_BYTES = 30;
const DIRECTORY_ENTRY_BYTES = 46;
const DIRECTORY_END_BYTES = 22;
const LOCATOR_64_BYTES = 20;
const DIRECTORY_END_64_BYTES = 56;
const LONGEST_COMMENT = 0xffff;
/** A checkpoint of ten thousand tensors has a directory of about a megabyte. */
const LARGEST_DIRECTORY = 64 * 2 ** 20;

interface ZipEntry {
  readonly name: string;
  readonly size: number;
  /** 0 where the writer made none. */
  readonly crc: number;
  /** Of the local header. */
  readonly header: number;
}

/** A zip file's directory; entries are read when asked for. */
export class ZipReader {
  readonly #source: ByteSource;
  readonly #pieces: PieceReader;
  readonly #file: string;
  readonly #entries: ReadonlyMap<string, ZipEntry>;
  /** Where the data of entries begin that were looked at, once their checksums held. */
  readonly #checked = new Map<string, number>();

  private constructor(source: ByteSource, file: string, entries: ReadonlyMap<string, ZipEntry>) {
    this.#source = source;
    this.#pieces = new PieceReader(source);
    this.#file = file;
    this.#entries = entries;
  }

  /** Reads and checks the directory. Throws `UserError` for a file that is no sound zip file. */
  static async open(source: ByteSource, file: string): Promise<ZipReader> {
    const { offset, size, end } = await findDirectory(source, file);
    if (offset + size > end) {
      fail(file, `the zip directory claims bytes ${offset} to ${offset + size}, past its own end`);
    }
    if (size > LARGEST_DIRECTORY) {
      fail(file, `the zip directory claims ${size} bytes; at most ${LARGEST_DIRECTORY} are read`);
    }
    const bytes = await readExactly(source, { offset, length: size, file });
    return new ZipReader(source, file, parseDirectory(bytes, offset, file));
  }

  get names(): Iterable<string> {
    return this.#entries.keys();
  }

  /** Bytes of an entry; undefined where there is none of that name. */
  sizeOf(name: string): number | undefined {
    return this.#entries.get(name)?.size;
  }

  /** A part of an entry. The first call for an entry reads all of it, to check it. */
  async read(name: string, offset: number, length: number): Promise<Uint8Array> {
    const start = await this.#checkedStart(name, offset + length);
    return await readExactly(this.#source, { offset: start + offset, length, file: this.#file });
  }

  /** The same in pieces; `take` gets each with the bytes before it, and the next overwrites it. */
  async readPieces(
    name: string,
    { offset, length }: { readonly offset: number; readonly length: number },
    take: (piece: Uint8Array, before: number) => void,
  ): Promise<void> {
    const start = await this.#checkedStart(name, offset + length);
    await this.#pieces.read({ offset: start + offset, length, file: this.#file }, take);
  }

  /** Where an entry's bytes begin, once they are known to be sound and to reach to `end`. */
  async #checkedStart(name: string, end: number): Promise<number> {
    const entry = this.#entries.get(name);
    if (entry === undefined) fail(this.#file, `there is no entry ${shown(name)}`);
    if (end > entry.size) {
      fail(this.#file, `${shown(name)} has ${entry.size} bytes; ${end} are asked for`);
    }
    const known = this.#checked.get(name);
    if (known !== undefined) return known;
    const start = await this.#dataStart(entry);
    await this.#check(entry, start);
    this.#checked.set(name, start);
    return start;
  }

  /** Where an entry's bytes begin: its local header has a length of its own. */
  async #dataStart({ name, header, size }: ZipEntry): Promise<number> {
    const bytes = await readExactly(this.#source, {
      offset: header,
      length: LOCAL_HEADER_BYTES,
      file: this.#file,
    });
    const view = viewOf(bytes);
    if (view.getUint32(0, true) !== LOCAL_HEADER) {
      fail(this.#file, `the zip directory is wrong about where ${shown(name)} lies`);
    }
    const start = header + LOCAL_HEADER_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
    if (start + size > this.#source.size) {
      fail(
        this.#file,
        `${shown(name)} ends at byte ${start + size} but the file has ${this.#source.size}`,
      );
    }
    return start;
  }

  /** Throws `UserError` where an entry's bytes are not those that were written. */
  async #check({ name, size, crc }: ZipEntry, start: number): Promise<void> {
    if (crc === 0) return; // torch.save can be told to make none
    let sum = 0;
    await this.#pieces.read({ offset: start, length: size, file: this.#file }, (piece) => {
      sum = crc32(piece, sum);
    });
    if (sum !== crc) {
      fail(this.#file, `${shown(name)} is damaged: its checksum is wrong; fetch the file again`);
    }
  }
}

/** Where the directory lies; `end` is where what follows it begins. */
async function findDirectory(
  source: ByteSource,
  file: string,
): Promise<{ offset: number; size: number; end: number }> {
  const length = Math.min(source.size, DIRECTORY_END_BYTES + LONGEST_COMMENT + LOCATOR_64_BYTES);
  const first = source.size - length;
  const tail = await readExactly(source, { offset: first, length, file });
  const view = viewOf(tail);
  const at = lastEnd(view);
  if (at === undefined) fail(file, "the zip directory is missing: the file is truncated");
  const end = first + at;
  const size = view.getUint32(at + 12, true);
  const offset = view.getUint32(at + 16, true);
  const locator = at - LOCATOR_64_BYTES;
  if (locator < 0 || view.getUint32(locator, true) !== LOCATOR_64) {
    if (offset === SEE_64 || size === SEE_64) fail(file, "the zip64 directory is missing");
    return { offset, size, end };
  }
  const end64 = whole(view.getBigUint64(locator + 8, true), file);
  if (end64 + DIRECTORY_END_64_BYTES > first + locator) {
    fail(file, `the zip64 directory is said to end at byte ${end64}, past its own end`);
  }
  const record = viewOf(
    await readExactly(source, { offset: end64, length: DIRECTORY_END_64_BYTES, file }),
  );
  if (record.getUint32(0, true) !== DIRECTORY_END_64) fail(file, "the zip64 directory is damaged");
  return {
    size: whole(record.getBigUint64(40, true), file),
    offset: whole(record.getBigUint64(48, true), file),
    end: end64,
  };
}

/** The last record that ends the directory and, with its comment, the file. */
function lastEnd(view: DataView): number | undefined {
  for (let at = view.byteLength - DIRECTORY_END_BYTES; at >= 0; at--) {
    const comment = view.byteLength - at - DIRECTORY_END_BYTES;
    if (view.getUint32(at, true) === DIRECTORY_END && view.getUint16(at + 20, true) === comment) {
      return at;
    }
  }
  return undefined;
}

/** All entries by name; `end` is where the directory begins, before which all data lie. */
function parseDirectory(bytes: Uint8Array, end: number, file: string): Map<string, ZipEntry> {
  const view = viewOf(bytes);
  const entries = new Map<string, ZipEntry>();
  for (let at = 0; at < bytes.length;) {
    if (at + DIRECTORY_ENTRY_BYTES > bytes.length || view.getUint32(at, true) !== DIRECTORY_ENTRY) {
      fail(file, `the zip directory is damaged at entry ${entries.size + 1}`);
    }
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const extraAt = at + DIRECTORY_ENTRY_BYTES + nameLength;
    const next = extraAt + extraLength + view.getUint16(at + 32, true);
    if (next > bytes.length) fail(file, `the zip directory ends amid entry ${entries.size + 1}`);
    const name = new TextDecoder().decode(bytes.subarray(at + DIRECTORY_ENTRY_BYTES, extraAt));
    const fields = [24, 20, 42].map((field) => view.getUint32(at + field, true));
    const extra = viewOf(bytes.subarray(extraAt, extraAt + extraLength));
    const [size, stored, header] = withZip64(fields, extra, `${file}: ${shown(name)}`);
    if (view.getUint16(at + 8, true) & 1) fail(file, `${shown(name)} is encrypted`);
    if (view.getUint16(at + 10, true) !== 0 || stored !== size) {
      fail(file, `${shown(name)} is compressed; torch.save stores its entries as they are`);
    }
    if (header + LOCAL_HEADER_BYTES + size > end) {
      fail(file, `${shown(name)} claims ${size} bytes at ${header}; the data end at ${end}`);
    }
    if (entries.has(name)) fail(file, `there are two entries ${shown(name)}`);
    entries.set(name, { name, size, crc: view.getUint32(at + 16, true), header });
    at = next;
  }
  refuseOverlaps([...entries.values()], file);
  return entries;
}

/** Entries that share bytes make a small file cost as much work as a large one. */
function refuseOverlaps(entries: ZipEntry[], file: string): void {
  let end = 0;
  for (const { name, header, size } of entries.sort((a, b) => a.header - b.header)) {
    if (header < end) fail(file, `${shown(name)} overlaps the entry before it`);
    end = header + LOCAL_HEADER_BYTES + size;
  }
}

/** Size, stored size and header's offset, those that do not fit 32 bits from the extra field 1. */
function withZip64(fields: readonly number[], extra: DataView, file: string): number[] {
  if (!fields.includes(SEE_64)) return [...fields];
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const length = extra.getUint16(at + 2, true);
    const needed = 8 * fields.filter((field) => field === SEE_64).length;
    if (extra.getUint16(at, true) === 1) {
      if (length < needed || at + 4 + length > extra.byteLength) break;
      let from = at + 4 - 8;
      return fields.map((field) =>
        field === SEE_64 ? whole(extra.getBigUint64(from += 8, true), file) : field
      );
    }
    at += 4 + length;
  }
  fail(file, "its zip64 field is missing");
}

function whole(value: bigint, file: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) fail(file, `the zip file claims byte ${value}`);
  return Number(value);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
