/**
 * `pytorch_model.bin`: what torch.save made of a state dict, a zip file of one pickle that names tensors
 * and one entry for each storage. The pickle may say OrderedDict, _rebuild_tensor_v2, _rebuild_parameter
 * and the storage types; nothing of it is run. Shapes, strides and offsets are held against the
 * storages, and the storages against the file, before anything is read or allocated.
 */
import { type ByteSource, fail, readExactly, refuseLfsPointer, shown } from "./byte_source.ts";
import { asFloat32, DTYPE_BYTES, type SafetensorsDtype, toFloat32 } from "./dtypes.ts";
import { PickledDict, type PickledGlobal, PickledTuple, readPickle } from "./pickle.ts";
import type { Checkpoint, TakeFloat32, TensorInfo } from "./checkpoint.ts";
import { ZipReader } from "./zip.ts";

/** A large model's pickle has about 100 kB. */
const LARGEST_PICKLE = 16 * 2 ** 20;
/** PyTorch's own bound. */
const MOST_AXES = 64;

/** Of torch's typed storages; others (quantised, complex) hold no weights. */
const STORAGE_DTYPES: Readonly<Record<string, SafetensorsDtype>> = {
  FloatStorage: "F32",
  HalfStorage: "F16",
  BFloat16Storage: "BF16",
  DoubleStorage: "F64",
  LongStorage: "I64",
  IntStorage: "I32",
  ShortStorage: "I16",
  CharStorage: "I8",
  ByteStorage: "U8",
  BoolStorage: "BOOL",
};

class StorageType implements PickledGlobal {
  readonly name: string;
  readonly dtype: SafetensorsDtype;

  constructor(name: string, dtype: SafetensorsDtype) {
    this.name = name;
    this.dtype = dtype;
  }
}

/** What a pickle says of a storage; not yet believed. */
class StorageClaim {
  readonly key: string;
  readonly dtype: SafetensorsDtype;
  readonly elements: unknown;

  constructor(key: string, dtype: SafetensorsDtype, elements: unknown) {
    this.key = key;
    this.dtype = dtype;
    this.elements = elements;
  }
}

/** The arguments of a tensor; not yet believed. */
class TensorClaim {
  readonly args: readonly unknown[];

  constructor(args: readonly unknown[]) {
    this.args = args;
  }
}

/** All that weights may mention. A parameter is its tensor. */
const GLOBALS: ReadonlyMap<string, PickledGlobal> = new Map<string, PickledGlobal>([
  ["collections.OrderedDict", { name: "OrderedDict", call: () => new PickledDict() }],
  ["torch._utils._rebuild_tensor_v2", {
    name: "_rebuild_tensor_v2",
    call: (args) => new TensorClaim(args),
  }],
  ["torch._utils._rebuild_parameter", { name: "_rebuild_parameter", call: ([tensor]) => tensor }],
  ...Object.entries(STORAGE_DTYPES).map(([name, dtype]): [string, PickledGlobal] => [
    `torch.${name}`,
    new StorageType(name, dtype),
  ]),
]);

/** A tensor whose claims were checked. Offsets and strides count elements. */
interface StoredTensor extends TensorInfo {
  readonly storage: string;
  readonly offset: number;
  readonly strides: readonly number[];
  readonly elements: number;
  /** Elements of the storage from the first to the last that belong to the tensor. */
  readonly span: number;
}

export class TorchCheckpoint implements Checkpoint {
  readonly file: string;
  readonly #zip: ZipReader;
  readonly #tensors: ReadonlyMap<string, StoredTensor>;
  readonly #bigEndian: boolean;
  readonly #close: () => void;

  private constructor(
    zip: ZipReader,
    { file, tensors, bigEndian, close }: {
      file: string;
      tensors: ReadonlyMap<string, StoredTensor>;
      bigEndian: boolean;
      close: () => void;
    },
  ) {
    this.#zip = zip;
    this.file = file;
    this.#tensors = tensors;
    this.#bigEndian = bigEndian;
    this.#close = close;
  }

  /**
   * Reads and checks what the file says of its tensors; their data are left where they are.
   * Throws `UserError` for a file of another or an older form, or one that is not sound.
   */
  static async open(
    source: ByteSource & { close?(): void },
    file = "pytorch_model.bin",
  ): Promise<TorchCheckpoint> {
    await refuseOtherForms(source, file);
    const zip = await ZipReader.open(source, file);
    const folder = pickleFolder(zip, file);
    const bigEndian = await readByteOrder(zip, `${folder}byteorder`, file);
    const name = `${folder}data.pkl`;
    const size = zip.sizeOf(name) ?? 0;
    if (size > LARGEST_PICKLE) {
      fail(file, `${name} has ${size} bytes; at most ${LARGEST_PICKLE} are read`);
    }
    const state = readPickle(await zip.read(name, 0, size), {
      file,
      globals: GLOBALS,
      persistent: (id) => storageClaim(id, file),
    });
    const tensors = checkState(state, { zip, folder, file });
    return new TorchCheckpoint(zip, { file, tensors, bigEndian, close: () => source.close?.() });
  }

  entries(): ReadonlyMap<string, TensorInfo> {
    return this.#tensors;
  }

  async readFloat32(name: string): Promise<Float32Array> {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) fail(this.file, `there is no tensor ${shown(name)}`);
    const { storage, dtype, offset, span } = tensor;
    const width = DTYPE_BYTES[dtype];
    const stored = await this.#zip.read(storage, offset * width, span * width);
    const bytes = this.#bigEndian ? swapped(stored, width) : stored;
    const values = toFloat32(dtype, bytes, `${this.file}: tensor ${shown(name)}`);
    return isContiguous(tensor) ? values : gather(values, tensor);
  }

  async eachFloat32(name: string, take: TakeFloat32): Promise<void> {
    const tensor = this.#tensors.get(name);
    // Elements that lie otherwise than they are wanted come whole; torch.save writes hardly any.
    if (tensor === undefined || this.#bigEndian || !isContiguous(tensor)) {
      return take(await this.readFloat32(name), 0);
    }
    const { storage, dtype, offset, span } = tensor;
    const what = `${this.file}: tensor ${shown(name)}`;
    const width = DTYPE_BYTES[dtype];
    await this.#zip.readPieces(
      storage,
      { offset: offset * width, length: span * width },
      (piece, before) => take(asFloat32(dtype, piece, what), before / width),
    );
  }

  close(): void {
    this.#close();
  }
}

/** Names the forms that torch.save had before, and files that are none of its. */
async function refuseOtherForms(source: ByteSource, file: string): Promise<void> {
  const length = Math.min(source.size, 512);
  const first = await readExactly(source, { offset: 0, length, file });
  refuseLfsPointer(first, file);
  const begins = (...bytes: number[]) => bytes.every((byte, i) => first[i] === byte);
  if (begins(0x50, 0x4b, 0x03, 0x04)) return;
  const advice = "load it with torch.load and save it again with torch.save, or as safetensors";
  // PROTO 2, LONG1 of ten bytes, the magic number 0x1950a86a20f9469cfc6c.
  if (begins(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19)) {
    fail(file, `this is the plain-pickle form that torch.save wrote before PyTorch 1.6; ${advice}`);
  }
  if (String.fromCharCode(...first.subarray(257, 262)) === "ustar") {
    fail(file, `this is the tar form that torch.save wrote before PyTorch 0.1.10; ${advice}`);
  }
  fail(file, "this is no zip file as torch.save writes them: truncated, or of another kind");
}

/** The folder that holds `data.pkl`, with its slash; torch.save names it after the file. */
function pickleFolder(zip: ZipReader, file: string): string {
  const found = [...zip.names].filter((name) => /^([^/]+\/)?data\.pkl$/.test(name));
  if (found.length !== 1) fail(file, `${found.length} entries are called data.pkl, not one`);
  return found[0].slice(0, -"data.pkl".length);
}

/** True for big-endian. Files of before PyTorch 2.1 do not say, and are little-endian. */
async function readByteOrder(zip: ZipReader, name: string, file: string): Promise<boolean> {
  const size = zip.sizeOf(name);
  if (size === undefined) return false;
  const word = String.fromCharCode(...await zip.read(name, 0, Math.min(size, 16)));
  if (word !== "little" && word !== "big") fail(file, `byteorder is ${shown(word)}`);
  return word === "big";
}

function storageClaim(id: unknown, file: string): StorageClaim {
  const [what, type, key, , elements] = id instanceof PickledTuple ? id.items : [];
  if (what !== "storage" || !(type instanceof StorageType) || typeof key !== "string") {
    fail(file, "a storage is not given as (storage, type, key, place, elements)");
  }
  return new StorageClaim(key, type.dtype, elements);
}

interface Archive {
  readonly zip: ZipReader;
  readonly folder: string;
  readonly file: string;
}

function checkState(state: unknown, archive: Archive): Map<string, StoredTensor> {
  if (!(state instanceof PickledDict)) {
    fail(archive.file, "it holds no state dict, that is, tensors by name");
  }
  const tensors = new Map<string, StoredTensor>();
  for (const [name, value] of state.entries) {
    if (typeof name !== "string" || !(value instanceof TensorClaim)) {
      fail(
        archive.file,
        `entry ${shown(name)} is no tensor; what model.state_dict() gives is read, tensors by name`,
      );
    }
    tensors.set(name, checkTensor(name, value, archive));
  }
  return tensors;
}

/** Holds a tensor's claims against its storage, and the storage against the file. */
function checkTensor(name: string, { args }: TensorClaim, { zip, folder, file }: Archive) {
  const what = `tensor ${shown(name)}`;
  const [storage, offset, size, stride] = args;
  if (!(storage instanceof StorageClaim)) fail(file, `${what} has no storage`);
  if (!isWhole(offset)) fail(file, `${what} has the storage offset ${shown(offset)}`);
  const shape = size instanceof PickledTuple ? size.items : null;
  const strides = stride instanceof PickledTuple ? stride.items : null;
  if (!shape || shape.length > MOST_AXES || !shape.every(isWhole)) {
    fail(file, `${what} has a shape that is no list of sizes`);
  }
  if (!strides || !strides.every(isWhole) || strides.length !== shape.length) {
    fail(file, `${what} has strides that are no list of ${shape.length} sizes`);
  }
  const { dtype, elements: held } = storage;
  const entry = `${folder}data/${storage.key}`;
  const bytes = zip.sizeOf(entry);
  if (bytes === undefined) fail(file, `${what} lies in storage ${shown(entry)}, which is missing`);
  if (!isWhole(held) || held * DTYPE_BYTES[dtype] !== bytes) {
    fail(file, `${what}: its storage has ${bytes} bytes where ${shown(held)} of ${dtype} are said`);
  }
  const elements = shape.includes(0) ? 0 : shape.reduce((n, size) => n * size, 1);
  const span = elements === 0
    ? 0
    : shape.reduce((last, size, axis) => last + (size - 1) * strides[axis], 1);
  if (!(offset + span <= held)) {
    fail(file, `${what} ends at element ${offset + span} but its storage has only ${held}`);
  }
  if (elements > held) {
    fail(file, `${what} has ${elements} elements in a storage of ${held}: save its contiguous()`);
  }
  return { storage: entry, dtype, shape, offset, strides, elements, span };
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Row-major without gaps; the stride of an axis of size 1 says nothing. */
function isContiguous({ shape, strides }: StoredTensor): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return shape.includes(0);
    expected *= shape[axis];
  }
  return true;
}

/** The elements in row-major order; `values` begins with the tensor's first. */
function gather(values: Float32Array, { shape, strides, elements }: StoredTensor): Float32Array {
  const gathered = new Float32Array(elements);
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let i = 0; i < elements; i++) {
    gathered[i] = values[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= index[axis] * strides[axis];
      index[axis] = 0;
    }
  }
  return gathered;
}

/** Elements of `width` bytes, each the other way round. */
function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const turned = bytes.slice();
  for (let i = 0; i < turned.length; i += width) turned.subarray(i, i + width).reverse();
  return turned;
}
