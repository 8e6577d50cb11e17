/** Real FFT and inverse: every small size, sizes past a workgroup's memory, many batches. */
import * as T from "../../../engine/mod.ts";
import { type Nd, nd, type OpCase } from "./harness.ts";

/** e^{∓2πi} turns by an FFT in float64, recursive; `x` holds pairs. */
function fft(x: Float64Array, sign: number): Float64Array {
  const n = x.length / 2;
  if (n === 1) return x;
  const part = (odd: number) =>
    fft(Float64Array.from({ length: n }, (_, i) => x[4 * (i >> 1) + 2 * odd + (i & 1)]), sign);
  const even = part(0), odd = part(1);
  const out = new Float64Array(2 * n);
  for (let k = 0; k < n / 2; k++) {
    const c = Math.cos(2 * Math.PI * k / n), s = sign * Math.sin(2 * Math.PI * k / n);
    const re = odd[2 * k] * c - odd[2 * k + 1] * s, im = odd[2 * k] * s + odd[2 * k + 1] * c;
    out[2 * k] = even[2 * k] + re;
    out[2 * k + 1] = even[2 * k + 1] + im;
    out[n + 2 * k] = even[2 * k] - re;
    out[n + 2 * k + 1] = even[2 * k + 1] - im;
  }
  return out;
}

export function referenceRfft(x: Nd): Nd {
  const n = x.shape.at(-1)!;
  const width = n + 2;
  const batch = x.data.length / n;
  const data = new Float64Array(batch * width);
  for (let b = 0; b < batch; b++) {
    const pairs = new Float64Array(2 * n);
    for (let i = 0; i < n; i++) pairs[2 * i] = x.data[b * n + i];
    data.set(fft(pairs, -1).subarray(0, width), b * width);
    data[b * width + 1] = data[b * width + n + 1] = 0;
  }
  return { shape: [...x.shape.slice(0, -1), n / 2 + 1, 2], data };
}

function referenceIrfft(x: Nd): Nd {
  const n = 2 * (x.shape.at(-2)! - 1);
  const width = n + 2;
  const batch = x.data.length / width;
  const data = new Float64Array(batch * n);
  for (let b = 0; b < batch; b++) {
    const pairs = new Float64Array(2 * n);
    for (let k = 0; k <= n / 2; k++) {
      const re = x.data[b * width + 2 * k] / n;
      const im = k === 0 || k === n / 2 ? 0 : x.data[b * width + 2 * k + 1] / n;
      pairs[2 * k] = re;
      pairs[2 * k + 1] = im;
      if (k > 0 && k < n / 2) {
        pairs[2 * (n - k)] = re;
        pairs[2 * (n - k) + 1] = -im;
      }
    }
    const full = fft(pairs, 1);
    for (let i = 0; i < n; i++) data[b * n + i] = full[2 * i];
  }
  return { shape: [...x.shape.slice(0, -2), n], data };
}

const small: number[][] = [[2], [3, 4], [2, 2, 8], [5, 16], [1, 32], [3, 64], [2, 128], [3, 256]];
const large: number[][] = [[3, 512], [2, 1024], [5, 2048], [2, 4096], [2, 8192], [1, 65_536]];

function pair(shape: number[], forwardOnly: boolean): OpCase[] {
  const n = shape.at(-1)!;
  return [
    {
      covers: ["rfft"],
      name: `rfft of ${shape.join("×")}`,
      inputs: [{ shape }],
      run: ([x]) => T.rfft(x),
      reference: ([x]) => referenceRfft(x),
      forwardOnly,
    },
    {
      covers: ["irfft"],
      name: `irfft to ${shape.join("×")}`,
      inputs: [{ shape: [...shape.slice(0, -1), n / 2 + 1, 2] }],
      run: ([x]) => T.irfft(x),
      reference: ([x]) => referenceIrfft(x),
      forwardOnly,
    },
    {
      covers: [],
      name: `irfft undoes rfft on ${shape.join("×")}`,
      inputs: [{ shape }],
      run: ([x]) => T.irfft(T.rfft(x)),
      reference: ([x]) => nd(x.shape, (i) => x.data[i]),
      forwardOnly,
    },
  ];
}

export const cases: OpCase[] = [
  ...small.flatMap((shape) => pair(shape, false)),
  ...large.flatMap((shape) => pair(shape, true)),
  {
    covers: ["rfft"],
    name: "rfft past 65,535 workgroups",
    inputs: [{ shape: [65_537, 8] }],
    run: ([x]) => T.rfft(x),
    reference: ([x]) => referenceRfft(x),
    forwardOnly: true,
  },
];
