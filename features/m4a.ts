/**
 * M4A and MP4 (ISO/IEC 14496-12) in an order that can be decoded as it is read: the index, which most
 * programs write at a file's end, is put before the sound, and the places it names are moved with it.
 * What it says is checked against the file first, since its decoder believes it.
 */
import { UserError } from "../engine/error.ts";
import type { ByteReader } from "./file_bytes.ts";

/** A file as it is fed to a decoder. */
export interface Fed extends ByteReader {
  /** Bytes at the beginning that must come in one piece. */
  readonly head: number;
}

/** Of an index, in bytes: a day of sound takes 24 MB. */
const MOST_INDEX = 64 * 2 ** 20;
/** A day of fragments has less. */
const MOST_BOXES = 2 ** 20;
/** Boxes that lead to the tables of samples. */
const WAY = ["moov", "trak", "mdia", "minf", "stbl"];
/** Bytes an entry, of tables whose count stands behind four bytes of flags. */
const TABLES: Readonly<Record<string, number>> = { stco: 4, co64: 8, stsc: 12, stts: 8, ctts: 8 };

interface Box {
  readonly type: string;
  readonly at: number;
  /** With its head. */
  readonly length: number;
  /** Of its head. */
  readonly head: number;
}

/**
 * The same file, index first. Its other boxes stay in their order.
 *
 * @throws UserError what is wrong with the file, without its name
 */
export function indexFirst(file: ByteReader): Fed {
  const { first, moov } = findIndex(file);
  if (moov.length > MOST_INDEX) {
    throw new UserError(`M4A whose index has ${Math.round(moov.length / 2 ** 20)} MB`);
  }
  const head = new Uint8Array(first + moov.length);
  head.set(file.read(0, first));
  const index = head.subarray(first);
  index.set(file.read(moov.at, moov.length));
  moveTables(index, { fileSize: file.size, before: moov.at, by: moov.length });
  /** What follows the head: a place there is one in the file, but for the index's own room. */
  const read = (at: number, length: number): Uint8Array<ArrayBuffer> => {
    if (at < head.length) return head.slice(at, at + length);
    const from = at - moov.length;
    if (from >= moov.at) return file.read(at, length);
    return file.read(from, Math.min(length, moov.at - from));
  };
  return { size: file.size, head: head.length, read };
}

/**
 * The index, and how many bytes say before all what the file is. What is no box behind index and sound
 * is nobody's business.
 */
function findIndex(file: ByteReader): { first: number; moov: Box } {
  let first = 0;
  let moov: Box | undefined;
  let sound = false;
  for (let at = 0, count = 0; at + 8 <= file.size; count++) {
    const left = file.size - at;
    const box = boxAt(file.read(at, 16), { at, left });
    if (!box || box.length > left || count > MOST_BOXES) {
      if (box && box.length > left && (!moov || !sound || /^(mdat|moof)$/.test(box.type))) {
        throw new UserError(
          `truncated M4A: its "${box.type}" box says ${box.length} bytes, ${left} are there`,
        );
      }
      if (moov && sound) break;
      throw new UserError(`broken M4A: no box at byte ${at}`);
    }
    if (at === 0 && box.type === "ftyp") first = box.length;
    if (box.type === "moov") moov ??= box;
    if (box.type === "mdat") sound = true;
    at += box.length;
  }
  if (!moov) throw new UserError("broken M4A: it has no index (moov), as if it was cut off");
  return { first, moov };
}

/** A box by its first bytes; undefined where none can be. */
function boxAt(
  bytes: Uint8Array,
  { at, left }: { readonly at: number; readonly left: number },
): Box | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = String.fromCharCode(...bytes.subarray(4, 8));
  if (bytes.length < 8 || !/^[ -~\xa9]{4}$/.test(type)) return undefined;
  const short = view.getUint32(0);
  const wide = short === 1;
  if (wide && bytes.length < 16) return undefined;
  const length = short === 0 ? left : wide ? Number(view.getBigUint64(8)) : short;
  const head = wide ? 16 : 8;
  return length < head ? undefined : { type, at, length, head };
}

interface Move {
  readonly fileSize: number;
  /** Places before this one move. */
  readonly before: number;
  readonly by: number;
}

/** Checks the tables of an index, and moves the places they name. */
function moveTables(index: Uint8Array, move: Move): void {
  const walk = (from: number, to: number, depth: number) => {
    for (let at = from; at + 8 <= to;) {
      const box = boxAt(index.subarray(at, Math.min(to, at + 16)), { at, left: to - at });
      if (!box || box.length > to - at) return; // its decoder stops here as well
      const [body, end] = [at + box.head, at + box.length];
      if (box.type === WAY[depth]) walk(body, end, depth + 1);
      else if (depth === WAY.length) moveTable(box.type, index.subarray(body, end), move);
      at = end;
    }
  };
  walk(0, index.length, 0);
}

function moveTable(type: string, body: Uint8Array, { fileSize, before, by }: Move): void {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const lies = () => new UserError(`broken M4A: its "${type}" table says more than there is`);
  if (type === "stsz") {
    if (body.length < 12) throw lies();
    const [each, count] = [view.getUint32(4), view.getUint32(8)];
    if (each > 0 ? each * count > fileSize : 12 + 4 * count > body.length) throw lies();
  }
  const width = TABLES[type];
  if (width === undefined) return;
  if (body.length < 8 || 8 + width * view.getUint32(4) > body.length) throw lies();
  if (type !== "stco" && type !== "co64") return;
  for (let at = 8, end = 8 + width * view.getUint32(4); at < end; at += width) {
    const place = width === 8 ? Number(view.getBigUint64(at)) : view.getUint32(at);
    if (place >= fileSize) throw lies();
    if (place >= before) continue;
    if (width === 8) view.setBigUint64(at, BigInt(place + by));
    else if (place + by < 2 ** 32) view.setUint32(at, place + by);
    else throw new UserError("M4A of over 4 GB whose index stands at its end");
  }
}
