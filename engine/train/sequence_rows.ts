/** Rows that are sequences of different lengths; they stay off the device and each batch is uploaded. */
import type { Device } from "../device.ts";
import type { Sequences } from "../nn/sequences.ts";
import type { RowSource } from "./rows.ts";

/** Rows that lie elsewhere, such as on disk, and are read when a batch takes them. */
export interface StoredRows {
  /** Of each row, its values: frames times channels. */
  readonly sizes: readonly number[];
  /** The values of a row. */
  read(row: number): Float32Array;
}

/** Rows of different lengths. */
export class SequenceRows implements RowSource<Sequences> {
  readonly device: Device;
  readonly n: number;
  readonly lengths: Int32Array;
  readonly #read: (row: number) => Float32Array;
  readonly #channels: number;

  /** `values`: of each row `[T, channels]`, T as its length gives it. Throws for an empty row. */
  constructor(
    device: Device,
    values: readonly Float32Array[] | StoredRows,
    channels: number,
  ) {
    this.device = device;
    const stored = "read" in values;
    const sizes = stored ? values.sizes : values.map((row) => row.length);
    this.n = sizes.length;
    this.#read = stored ? (row) => values.read(row) : (row) => values[row];
    this.#channels = channels;
    this.lengths = Int32Array.from(sizes, (size) => size / channels);
    const empty = this.lengths.indexOf(0);
    if (empty >= 0) throw new Error(`SequenceRows: row ${empty} is empty`);
  }

  at(rows: Int32Array): Sequences {
    const hostLengths = rows.map((r) => this.lengths[r]);
    const longest = hostLengths.reduce((a, b) => Math.max(a, b), 0);
    const batch = new Float32Array(rows.length * longest * this.#channels);
    rows.forEach((r, i) => batch.set(this.#read(r), i * longest * this.#channels));
    return {
      values: this.device.tensor(batch, [rows.length, longest, this.#channels]),
      lengths: this.device.tensor(hostLengths),
      hostLengths,
    };
  }

  /** Holds nothing on the device. */
  dispose(): void {}
}
