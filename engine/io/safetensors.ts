/**
 * The safetensors file format: a length, a JSON header, then the tensors' bytes.
 * Every number in a header is checked before it is used: nothing is read past the end of a file and
 * nothing is allocated by a size that only the file claims. Each fault is one `UserError`.
 * Little-endian hosts only, as every WebGPU and WebAssembly host is.
 */
import {
  type ByteSource,
  fail,
  PieceReader,
  readExactly,
  refuseLfsPointer,
  shown,
  shownShape,
} from "./byte_source.ts";
import type { TakeFloat32 } from "./checkpoint.ts";
import {
  asFloat32,
  DTYPE_BYTES,
  isSafetensorsDtype,
  type SafetensorsDtype,
  toFloat32,
} from "./dtypes.ts";
import { asObject, parseJsonObject } from "./json_object.ts";

export type { ByteSource } from "./byte_source.ts";
export { type SafetensorsDtype, toFloat32 } from "./dtypes.ts";

/** The reference implementation's own bound on the JSON header. */
const MAX_HEADER_BYTES = 100_000_000;
const METADATA_KEY = "__metadata__";

/** A tensor in memory: `data` holds exactly `shape` × `dtype` bytes. */
export interface TensorData<Data extends ArrayBufferView = ArrayBufferView> {
  /** Type of its elements. */
  readonly dtype: SafetensorsDtype;
  /** Sizes of its axes. */
  readonly shape: readonly number[];
  /** Its bytes. */
  readonly data: Data;
}

/** Where a tensor lies in a file; `offset` counts from the first byte of the file. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly byteLength: number;
}

interface Header {
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
}

/** Where each tensor of a file to be written goes. */
export interface SafetensorsLayout {
  /** The file up to the first tensor. */
  readonly head: Uint8Array<ArrayBuffer>;
  /** The tensors as their bytes follow, without a gap. */
  readonly order: readonly string[];
  /** Bytes of the whole file. */
  readonly size: number;
}

/**
 * Plans a safetensors file, widest dtype first and then by name, so that every tensor is aligned and
 * equal tensors give equal bytes.
 * Throws `RangeError` when a name is reserved.
 */
export function layOutSafetensors(
  tensors: ReadonlyMap<
    string,
    { readonly dtype: SafetensorsDtype; readonly shape: readonly number[] }
  >,
  metadata: Readonly<Record<string, string>> = {},
): SafetensorsLayout {
  const order = [...tensors].sort(([a, x], [b, y]) =>
    DTYPE_BYTES[y.dtype] - DTYPE_BYTES[x.dtype] || (a < b ? -1 : 1)
  );
  let end = 0;
  const fields: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) fields.push([METADATA_KEY, metadata]);
  for (const [name, { dtype, shape }] of order) {
    if (name === METADATA_KEY) throw new RangeError(`safetensors: ${METADATA_KEY} names no tensor`);
    const begin = end;
    end += byteLengthOf(shape, dtype);
    fields.push([name, { dtype, shape, data_offsets: [begin, end] }]);
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(fields)));
  const length = Math.ceil(json.length / 8) * 8; // spaces fill up, so that the data is aligned
  const head = new Uint8Array(8 + length);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.fill(0x20, 8);
  head.set(json, 8);
  return { head, order: order.map(([name]) => name), size: head.length + end };
}

/**
 * The bytes of a safetensors file, laid out as `layOutSafetensors` says.
 * Throws `RangeError` when a tensor's bytes do not fit its shape and dtype, or a name is reserved.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, TensorData>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  for (const [name, tensor] of tensors) bytesOf(name, tensor);
  const { head, order, size } = layOutSafetensors(tensors, metadata);
  const bytes = new Uint8Array(size);
  bytes.set(head);
  let offset = head.length;
  for (const name of order) {
    const part = bytesOf(name, tensors.get(name)!);
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** A tensor's bytes as they are; throws `RangeError` when they do not fit its shape and dtype. */
export function bytesOf(name: string, { dtype, shape, data }: TensorData): Uint8Array {
  const expected = byteLengthOf(shape, dtype);
  if (data.byteLength !== expected) {
    throw new RangeError(
      `safetensors: ${shown(name)} holds ${data.byteLength} bytes where ${dtype} ` +
        `${shownShape(shape)} needs ${expected}`,
    );
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** A checked safetensors file, read tensor by tensor: only the header is held in memory. */
export class SafetensorsReader {
  readonly #source: ByteSource;
  readonly #file: string;
  readonly #header: Header;
  readonly #pieces: PieceReader;

  private constructor(source: ByteSource, file: string, header: Header) {
    this.#source = source;
    this.#file = file;
    this.#header = header;
    this.#pieces = new PieceReader(source);
  }

  /** Reads and checks the header; `file` is what error messages call the file. */
  static async open(source: ByteSource, file = "safetensors"): Promise<SafetensorsReader> {
    const size = source.size;
    const length = headerLength(
      await readExactly(source, { offset: 0, length: Math.min(8, size), file }),
      size,
      file,
    );
    const header = parseHeader(await readExactly(source, { offset: 8, length, file }), size, file);
    return new SafetensorsReader(source, file, header);
  }

  /** What the file says about itself. */
  get metadata(): ReadonlyMap<string, string> {
    return this.#header.metadata;
  }

  /** Every tensor by name, in the order of their bytes. */
  get tensors(): ReadonlyMap<string, TensorEntry> {
    return this.#header.tensors;
  }

  /** The raw bytes of one tensor. Throws `UserError` when there is no such tensor. */
  async read(name: string): Promise<Uint8Array> {
    const entry = this.#entry(name);
    return await readExactly(this.#source, {
      offset: entry.offset,
      length: entry.byteLength,
      file: this.#file,
    });
  }

  /** One tensor as f32, from F32, F16, BF16 or F64; any other dtype is a `UserError`. */
  async readFloat32(name: string): Promise<Float32Array> {
    const { dtype } = this.#entry(name);
    return toFloat32(dtype, await this.read(name), `${this.#file}: tensor ${shown(name)}`);
  }

  /** The same in pieces. */
  async eachFloat32(name: string, take: TakeFloat32): Promise<void> {
    const { dtype, offset, byteLength: length } = this.#entry(name);
    const what = `${this.#file}: tensor ${shown(name)}`;
    const width = DTYPE_BYTES[dtype];
    await this.#pieces.read(
      { offset, length, file: this.#file },
      (piece, before) => take(asFloat32(dtype, piece, what), before / width),
    );
  }

  #entry(name: string): TensorEntry {
    const entry = this.#header.tensors.get(name);
    if (entry === undefined) fail(this.#file, `there is no tensor ${shown(name)}`);
    return entry;
  }
}

/**
 * Reads a whole file that is already in memory. The tensors' `data` are views of `bytes`.
 * Throws `UserError` when the file is not a sound safetensors file.
 */
export function decodeSafetensors(bytes: Uint8Array, file = "safetensors"): {
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, TensorData<Uint8Array>>;
} {
  const length = headerLength(bytes.subarray(0, 8), bytes.length, file);
  const { metadata, tensors } = parseHeader(bytes.subarray(8, 8 + length), bytes.length, file);
  const held = new Map<string, TensorData<Uint8Array>>();
  for (const { name, dtype, shape, offset, byteLength } of tensors.values()) {
    held.set(name, { dtype, shape, data: bytes.subarray(offset, offset + byteLength) });
  }
  return { metadata, tensors: held };
}

/** The header's length out of a file's first 8 bytes, once it is known to lie inside the file. */
function headerLength(first: Uint8Array, size: number, file: string): number {
  if (first.length < 8) fail(file, `the file has ${size} bytes, too few for a header`);
  refuseLfsPointer(first, file);
  const length = new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(size - 8)) {
    fail(
      file,
      `the header claims ${length} bytes but the file has only ${size}: truncated, or no safetensors file`,
    );
  }
  if (length > BigInt(MAX_HEADER_BYTES)) {
    fail(file, `the header claims ${length} bytes; at most ${MAX_HEADER_BYTES} are read`);
  }
  if (length < 2n) fail(file, `the header is ${length} bytes long, too short for JSON`);
  return Number(length);
}

/** Checks a header against the size of its file: fields, shapes, offsets, no gap and no overlap. */
function parseHeader(bytes: Uint8Array, size: number, file: string): Header {
  const fields = Object.entries(parseHeaderJson(bytes, file));
  const start = 8 + bytes.length;
  const metadata = new Map<string, string>();
  const entries: TensorEntry[] = [];
  for (const [name, value] of fields) {
    if (name === METADATA_KEY) readMetadata(value, metadata, file);
    else entries.push(tensorEntry(name, value, start, file));
  }
  entries.sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength);
  let end = start;
  for (const { name, offset, byteLength } of entries) {
    if (offset + byteLength > size) {
      fail(
        file,
        `tensor ${shown(name)} ends at byte ${offset + byteLength} but the file has only ${size}`,
      );
    }
    if (offset < end) fail(file, `tensor ${shown(name)} overlaps the tensor before it`);
    if (offset > end) {
      fail(file, `${offset - end} bytes before tensor ${shown(name)} belong to no tensor`);
    }
    end = offset + byteLength;
  }
  if (end !== size) fail(file, `the last ${size - end} bytes belong to no tensor`);
  return { metadata, tensors: new Map(entries.map((entry) => [entry.name, entry])) };
}

function parseHeaderJson(bytes: Uint8Array, file: string): Readonly<Record<string, unknown>> {
  if (bytes[0] !== 0x7b) fail(file, "the header does not begin with {: no safetensors file");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    fail(file, "the header is not valid JSON");
  }
  return parseJsonObject(text, file, "the header");
}

function readMetadata(value: unknown, into: Map<string, string>, file: string): void {
  for (const [key, text] of Object.entries(asObject(value, METADATA_KEY, file))) {
    if (typeof text !== "string") fail(file, `${METADATA_KEY} ${shown(key)} is not a text`);
    into.set(key, text);
  }
}

function tensorEntry(name: string, value: unknown, start: number, file: string): TensorEntry {
  const what = `tensor ${shown(name)}`;
  const { dtype, shape, data_offsets: offsets, ...others } = asObject(value, what, file);
  const [other] = Object.keys(others);
  if (other !== undefined) fail(file, `${what} has an unknown field ${shown(other)}`);
  if (!isSafetensorsDtype(dtype)) {
    fail(
      file,
      `${what} has dtype ${shown(dtype)}; known are ${Object.keys(DTYPE_BYTES).join(", ")}`,
    );
  }
  if (!isSizes(shape)) fail(file, `${what} has shape ${shown(shape)}, not a list of sizes`);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    fail(file, `${what} has data_offsets ${shown(offsets)}, not [begin, end]`);
  }
  const byteLength = offsets[1] - offsets[0];
  const expected = byteLengthOf(shape, dtype);
  if (byteLength !== expected) {
    fail(
      file,
      `${what} spans ${byteLength} bytes where ${dtype} ${shownShape(shape)} needs ${expected}`,
    );
  }
  return { name, dtype, shape, offset: start + offsets[0], byteLength };
}

/** Exact for every size a file can have; beyond 2⁵³ it only has to differ from what a file claims. */
function byteLengthOf(shape: readonly number[], dtype: SafetensorsDtype): number {
  return shape.includes(0) ? 0 : shape.reduce((bytes, size) => bytes * size, DTYPE_BYTES[dtype]);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
