/**
 * Files as torch.save writes them, and such as it never would: pickles put together opcode by opcode,
 * and zip files of stored entries whose every field can be made wrong.
 */
import { crc32 } from "../../../engine/io/crc32.ts";

type Part = number | string | Uint8Array | readonly Part[];

/** Bytes in a row; a text is its UTF-8. */
export function bytes(...parts: readonly Part[]): Uint8Array {
  const flat: number[] = [];
  const add = (part: Part): void => {
    if (typeof part === "number") flat.push(part & 255);
    else if (typeof part === "string") add(new TextEncoder().encode(part));
    else for (const inner of part) add(inner);
  };
  add(parts);
  return Uint8Array.from(flat);
}

/** `value` in so many bytes, least first. */
export function little(value: number, length: number): number[] {
  return Array.from({ length }, (_, i) => Math.floor(value / 2 ** (8 * i)) % 256);
}

export const text = (value: string): Part => {
  const utf8 = new TextEncoder().encode(value);
  return ["X", little(utf8.length, 4), utf8];
};
export const whole = (value: number): Part => ["J", little(value >>> 0, 4)];
export const global = (module: string, name: string): Part => `c${module}\n${name}\n`;
export const tuple = (...items: readonly Part[]): Part => ["(", items, "t"];
export const orderedDict: Part = [global("collections", "OrderedDict"), ")R"];

export interface TensorSpec {
  readonly key?: string;
  readonly type?: string;
  readonly held?: number | Part;
  readonly offset?: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** What stands for a tensor in torch.save's pickle. */
export function tensor(spec: TensorSpec): Part {
  const { key = "0", type = "FloatStorage", held = 0, offset = 0, shape, strides } = spec;
  const elements = typeof held === "number" ? whole(held) : held;
  const storage = [
    tuple(text("storage"), global("torch", type), text(key), text("cpu"), elements),
    "Q",
  ];
  const args = tuple(
    storage,
    whole(offset),
    tuple(...shape.map(whole)),
    tuple(...strides.map(whole)),
    0x89,
    orderedDict,
  );
  return [global("torch._utils", "_rebuild_tensor_v2"), args, "R"];
}

/** A pickle of protocol 2. */
export function pickle(...parts: readonly Part[]): Uint8Array {
  return bytes(0x80, 2, parts, ".");
}

/** A pickle of a dict. */
export function state(tensors: Readonly<Record<string, Part>>): Uint8Array {
  return pickle("}(", Object.entries(tensors).map(([name, value]) => [text(name), value]), "u");
}

export interface ZipField {
  readonly name: string;
  readonly data: Uint8Array;
  readonly crc?: number;
  readonly method?: number;
  readonly flags?: number;
  /** What the directory says in place of the true sizes and place. */
  readonly size?: number;
  readonly header?: number;
  /** The extra field of the local header, which the directory does not have. */
  readonly padding?: number;
}

/** A zip file of stored entries. */
export function zip(fields: readonly ZipField[], { comment = "" } = {}): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const field of fields) {
    const { name, data, method = 0, flags = 0, padding = 0, header = at } = field;
    const { crc = crc32(data), size = data.length } = field;
    const common = [
      little(0, 2),
      little(flags, 2),
      little(method, 2),
      little(0, 4),
      little(crc, 4),
      little(size, 4),
      little(size, 4),
      little(name.length, 2),
    ];
    const local = bytes("PK\x03\x04", common, little(padding, 2), name, little(0, padding));
    directory.push(
      bytes("PK\x01\x02", 0, 0, common, little(0, 12), little(header, 4), name),
    );
    parts.push(local, data);
    at += local.length + data.length;
  }
  const listed = bytes(...directory);
  const end = bytes(
    "PK\x05\x06",
    little(0, 4),
    little(fields.length, 2),
    little(fields.length, 2),
    little(listed.length, 4),
    little(at, 4),
    little(comment.length, 2),
    comment,
  );
  return bytes(...parts, listed, end);
}

/** A pytorch_model.bin: a pickle, and storages by their keys. */
export function torchFile(
  pickled: Uint8Array,
  storages: Readonly<Record<string, Uint8Array>> = {},
  { folder = "archive", byteorder }: { folder?: string; byteorder?: string } = {},
): Uint8Array {
  return zip([
    { name: `${folder}/data.pkl`, data: pickled, padding: 11 },
    ...(byteorder === undefined ? [] : [{ name: `${folder}/byteorder`, data: bytes(byteorder) }]),
    ...Object.entries(storages).map(([key, data]) => ({ name: `${folder}/data/${key}`, data })),
    { name: `${folder}/version`, data: bytes("3\n") },
  ]);
}

/** The bytes of f32 values. */
export function floats(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}
