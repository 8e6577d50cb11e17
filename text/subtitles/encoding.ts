/**
 * Bytes of a text file to text and back, so that what is not changed comes out byte for byte: UTF-8,
 * UTF-16 of both orders and Windows-1252, each with its byte order mark where it has one.
 */
import { UserError } from "../../engine/error.ts";

export type Encoding = "UTF-8" | "UTF-16LE" | "UTF-16BE" | "Windows-1252";

export interface EncodedText {
  readonly text: string;
  readonly encoding: Encoding;
  /** Length of the byte order mark, 0 where there is none. */
  readonly bom: number;
}

/**
 * Text of bytes. Without a mark: UTF-16 where every other byte of the beginning is mostly zero, UTF-8
 * where the bytes are that, else Windows-1252, in which every byte is a character.
 *
 * @param file stands before the problem
 * @throws UserError for UTF-16 of half a character
 */
export function decodeText(bytes: Uint8Array, file: string): EncodedText {
  const { encoding, bom } = detect(bytes);
  const body = bytes.subarray(bom);
  if (encoding === "UTF-16LE" || encoding === "UTF-16BE") {
    if (body.length % 2 === 1) {
      throw new UserError(`${file}: cut off: UTF-16 text has an even number of bytes`);
    }
    return { text: fromUtf16(body, encoding === "UTF-16LE"), encoding, bom };
  }
  if (encoding === "UTF-8") {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    try {
      return { text: decoder.decode(body), encoding, bom };
    } catch {
      if (bom > 0) throw new UserError(`${file}: marked as UTF-8, but its bytes are not UTF-8`);
    }
  }
  return { text: new TextDecoder("windows-1252").decode(body), encoding: "Windows-1252", bom };
}

/**
 * The bytes of a text in the encoding that another came in.
 *
 * @throws UserError naming a character that the encoding cannot hold
 */
export function encodeText(text: string, { encoding, bom }: Omit<EncodedText, "text">) {
  if (encoding === "UTF-8") {
    const body = new TextEncoder().encode(text);
    return bom > 0 ? joined([0xef, 0xbb, 0xbf], body) : body;
  }
  if (encoding === "Windows-1252") return toWindows1252(text);
  const little = encoding === "UTF-16LE";
  const body = new Uint8Array(2 * text.length);
  const view = new DataView(body.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), little);
  return bom === 0 ? body : joined(little ? [0xff, 0xfe] : [0xfe, 0xff], body);
}

function detect(bytes: Uint8Array): { encoding: Encoding; bom: number } {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return { encoding: "UTF-8", bom: 3 };
  }
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { encoding: "UTF-16LE", bom: 2 };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { encoding: "UTF-16BE", bom: 2 };
  const start = bytes.subarray(0, 2000);
  const zeros = [0, 0]; // at even and odd places
  start.forEach((byte, i) => zeros[i % 2] += byte === 0 ? 1 : 0);
  if (zeros[1] > 0.3 * start.length / 2 && zeros[0] === 0) return { encoding: "UTF-16LE", bom: 0 };
  if (zeros[0] > 0.3 * start.length / 2 && zeros[1] === 0) return { encoding: "UTF-16BE", bom: 0 };
  return { encoding: "UTF-8", bom: 0 };
}

/** Code units as they are, halves of pairs too: nothing may change on the way back. */
function fromUtf16(body: Uint8Array, little: boolean): string {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const parts: string[] = [];
  const units: number[] = [];
  for (let i = 0; i < body.length; i += 2) {
    units.push(view.getUint16(i, little));
    if (units.length === 8192) parts.push(String.fromCharCode(...units.splice(0)));
  }
  return parts.join("") + String.fromCharCode(...units);
}

function toWindows1252(text: string): Uint8Array<ArrayBuffer> {
  const all = new TextDecoder("windows-1252").decode(Uint8Array.from({ length: 256 }, (_, i) => i));
  const codes = new Map([...all].map((character, i) => [character, i]));
  return Uint8Array.from(Array.from(text), (character) => {
    const code = codes.get(character);
    if (code !== undefined) return code;
    throw new UserError(
      `the subtitles are in Windows-1252, which has no ${character}: choose --style adverb or noun, ` +
        "or save them as UTF-8",
    );
  });
}

function joined(mark: readonly number[], body: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(mark.length + body.length);
  bytes.set(mark);
  bytes.set(body, mark.length);
  return bytes;
}
