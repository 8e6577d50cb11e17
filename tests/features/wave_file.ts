/**
 * Builds WAV files byte by byte, sound or as broken as a test needs them.
 */

export interface WaveParts {
  container?: "RIFF" | "RIFX" | "RF64";
  /** WAVE format code: 1 PCM, 3 float, 6 A-law, 7 µ-law, 0xfffe extensible (of PCM or float) */
  code?: number;
  bits?: number;
  channels?: number;
  rate?: number;
  /** interleaved, full scale ±1 (raw bytes for A-law and µ-law) */
  samples: ArrayLike<number>;
  /** chunks as [id, body] around the two */
  before?: [string, Uint8Array][];
  after?: [string, Uint8Array][];
  /** what the data chunk says its size is */
  dataSize?: number;
  /** leave out the byte that pads odd chunks */
  unpadded?: boolean;
}

export function makeWave(parts: WaveParts): Uint8Array<ArrayBuffer> {
  const { container = "RIFF", code = 1, bits = 16, channels = 1, rate = 22050 } = parts;
  const little = container !== "RIFX";
  const bytes: number[] = [];
  const put = (value: number, width: number) => {
    const scratch = new DataView(new ArrayBuffer(8));
    scratch.setUint32(0, value >>> 0, true);
    const part = Array.from({ length: width }, (_, i) => i < 4 ? scratch.getUint8(i) : 0);
    bytes.push(...(little ? part : part.reverse()));
  };
  const text = (id: string) => bytes.push(...id.split("").map((c) => c.charCodeAt(0)));
  const chunk = (id: string, body: ArrayLike<number>, size = body.length) => {
    text(id);
    put(size, 4);
    for (const byte of Array.from(body)) bytes.push(byte);
    if (body.length % 2 === 1 && !parts.unpadded) bytes.push(0);
  };
  const data = encode(parts, little);
  const frameBytes = (bits / 8) * channels;
  text(container);
  put(0, 4); // nobody reads it
  text("WAVE");
  if (container === "RF64") {
    text("ds64");
    put(28, 4);
    for (const n of [0, data.length, data.length / frameBytes]) put(n, 8);
    put(0, 4);
  }
  parts.before?.forEach(([id, body]) => chunk(id, body));
  text("fmt ");
  const extensible = code === 0xfffe;
  put(extensible ? 40 : 16, 4);
  put(code, 2);
  put(channels, 2);
  put(rate, 4);
  put(rate * frameBytes, 4);
  put(frameBytes, 2);
  put(bits, 2);
  if (extensible) {
    put(22, 2);
    put(bits, 2);
    put(0, 4);
    put(bits === 64 ? 3 : 1, 4);
    for (const word of [0x00100000, 0xaa000080, 0x719b3800]) put(word, 4);
  }
  chunk("data", data, parts.dataSize ?? (container === "RF64" ? 0xffffffff : data.length));
  parts.after?.forEach(([id, body]) => chunk(id, body));
  return new Uint8Array(bytes);
}

function encode(
  { samples, code = 1, bits = 16 }: WaveParts,
  little: boolean,
): Uint8Array<ArrayBuffer> {
  if (code === 6 || code === 7) return Uint8Array.from(samples);
  const width = bits / 8;
  const view = new DataView(new ArrayBuffer(samples.length * width));
  for (let i = 0; i < samples.length; i++) {
    const at = i * width;
    const x = samples[i];
    const whole = Math.round(x * 2 ** (bits - 1));
    if (bits === 64) view.setFloat64(at, x, little);
    else if (code === 3) view.setFloat32(at, x, little);
    else if (bits === 8) view.setUint8(at, whole + 128);
    else if (bits === 16) view.setInt16(at, whole, little);
    else if (bits === 32) view.setInt32(at, whole, little);
    else {
      for (let b = 0; b < 3; b++) {
        view.setUint8(at + (little ? b : 2 - b), (whole >> (8 * b)) & 255);
      }
    }
  }
  return new Uint8Array(view.buffer);
}
