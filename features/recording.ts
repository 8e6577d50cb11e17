/** What a recording of any length is to those who read it. */

export interface Recording extends Disposable {
  /** Hz */
  readonly sampleRate: number;
  /** Samples a channel. */
  readonly length: number;
  /** It seems to have been cut off, though all that is there can be heard. */
  readonly cut?: boolean;
  /** Mono samples from a place on, as many as asked for or as there are. */
  read(from: number, count: number): Promise<Float32Array<ArrayBuffer>>;
}
