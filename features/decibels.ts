/**
 * Powers to decibels, librosa 0.11's `power_to_db`.
 * The logarithm is worked out here: Math.log is C++ to V8, and after kernels that use AVX, which leave the
 * upper halves of the vector registers in use, it was measured to take ten times as long.
 */

const AMIN = 1e-10;
const DB = 10 / Math.LN10;
const AMIN_BITS = new Int32Array(Float32Array.of(AMIN).buffer)[0];
const DB_OF_AMIN = 10 * Math.log10(AMIN);
const CELLS = 128; // of the mantissa: its upper 7 bits
const REST_BITS = 16; // the bits below
const CENTRES = Float64Array.from({ length: CELLS }, (_, i) => 1 + (i + 0.5) / CELLS);
const INVERSES = CENTRES.map((c) => 1 / c);
const LOGS = CENTRES.map(Math.log);

/**
 * `librosa.power_to_db(S, ref=ref, amin=1e-10, top_db=80)`.
 *
 * @param power any shape, none negative
 * @param ref "max" for the largest power of all (`ref=np.max`), else a power
 */
export function powerToDb(
  power: Float32Array,
  { ref = 1, topDb = 80 }: { ref?: number | "max"; topDb?: number } = {},
): Float32Array<ArrayBuffer> {
  const bits = new Int32Array(power.buffer, power.byteOffset, power.length);
  let loudest = 0; // bits of powers have the powers' order, none being negative
  for (let i = 0; i < bits.length; i++) if (bits[i] > loudest) loudest = bits[i];
  const top = loudest > AMIN_BITS ? DB * naturalLog(loudest) : DB_OF_AMIN;
  const against = ref === "max" ? top : 10 * Math.log10(Math.max(AMIN, ref));
  const floor = top - against - topDb;
  const db = new Float32Array(power.length);
  for (let i = 0; i < power.length; i++) {
    const level = (bits[i] > AMIN_BITS ? DB * naturalLog(bits[i]) : DB_OF_AMIN) - against;
    db[i] = level > floor ? level : floor;
  }
  return db;
}

/** Logarithm of a positive normal f32 given as its bits, to 1e-12: a table's cell and a short series. */
function naturalLog(bits: number): number {
  const mantissa = bits & 0x7fffff;
  const cell = mantissa >> REST_BITS;
  const r = (1 + mantissa * 2 ** -23 - CENTRES[cell]) * INVERSES[cell]; // at most 1/256
  const series = r * (1 - r * (1 / 2 - r * (1 / 3 - r * (1 / 4))));
  return ((bits >> 23) - 127) * Math.LN2 + LOGS[cell] + series;
}
