/** The largest resident memory of this process, as often as someone looks. */
export class MemoryWatch {
  #peak = 0;

  look(): void {
    this.#peak = Math.max(this.#peak, Deno.memoryUsage().rss);
  }

  get peakMB(): number {
    return Math.round(this.#peak / 1e6);
  }
}
