/** A batch of voices as they were recorded: sounds of different lengths, on the host. */
import type { Device } from "../../engine/device.ts";
import type { RowSource } from "../../engine/train/rows.ts";

export interface Voices {
  readonly device: Device;
  /** Of each clip its samples, 16 kHz. */
  readonly clips: readonly Float32Array[];
}

export class VoiceRows implements RowSource<Voices> {
  readonly device: Device;
  readonly n: number;
  readonly lengths: Int32Array;
  readonly #clips: readonly Float32Array[];

  /** Throws for an empty clip. */
  constructor(device: Device, clips: readonly Float32Array[]) {
    this.device = device;
    this.n = clips.length;
    this.#clips = clips;
    this.lengths = Int32Array.from(clips, (clip) => clip.length);
    const empty = this.lengths.indexOf(0);
    if (empty >= 0) throw new Error(`VoiceRows: clip ${empty} is empty`);
  }

  at(rows: Int32Array): Voices {
    return { device: this.device, clips: Array.from(rows, (r) => this.#clips[r]) };
  }

  /** Holds nothing on the device. */
  dispose(): void {}
}
