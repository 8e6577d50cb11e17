/** The largest resident memory of this process, as often as someone looks. */
export class MemoryWatch {
  #peak: number | null = null;

  look(): void {
    this.#peak = Math.max(this.#peak ?? 0, Deno.memoryUsage().rss);
  }

  /** Null when nobody looked. */
  get peakMB(): number | null {
    return this.#peak === null ? null : Math.round(this.#peak / 1e6);
  }
}
