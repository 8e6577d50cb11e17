/** MP4 boxes taken apart and put together again, for tests of files laid out in other ways. */

/** A box of bytes, or of boxes. */
export type Box = [type: string, body: Uint8Array | Box[]];

const HOLD_BOXES = ["moov", "trak", "mdia", "minf", "stbl"];

export function parseBoxes(bytes: Uint8Array): Box[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const boxes: Box[] = [];
  for (let at = 0; at < bytes.length; at += view.getUint32(at)) {
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const body = bytes.slice(at + 8, at + view.getUint32(at));
    boxes.push([type, HOLD_BOXES.includes(type) ? parseBoxes(body) : body]);
  }
  return boxes;
}

export function boxesToBytes(boxes: readonly Box[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(boxes.flatMap(([type, content]) => {
    const body = content instanceof Uint8Array ? content : boxesToBytes(content);
    return [...u32(8 + body.length), ...[...type].map((c) => c.charCodeAt(0)), ...body];
  }));
}

/** The first box of a name, however deep, with its body changed; it goes when `change` gives none. */
export function changeBox(
  boxes: readonly Box[],
  name: string,
  change: (body: Uint8Array) => Box | undefined,
): Box[] {
  return boxes.flatMap(([type, body]): Box[] => {
    if (!(body instanceof Uint8Array)) return [[type, changeBox(body, name, change)]];
    const changed = type === name ? change(body) : [type, body] satisfies Box;
    return changed ? [changed] : [];
  });
}

/** Big-endian. */
export function u32(...values: number[]): number[] {
  return values.flatMap((v) => [v >>> 24, (v >>> 16) & 255, (v >>> 8) & 255, v & 255]);
}
