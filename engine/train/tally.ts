/**
 * Losses and hits of an epoch's steps. They stay on the device until they are asked for: reading
 * after every step would make a GPU wait.
 */
import type { Device } from "../device.ts";
import { concat } from "../ops/movement.ts";
import type { Tensor } from "../tensor.ts";

/** What has been read; JSON can hold it. */
export interface TallyState {
  /** Losses times clips, added up. */
  readonly loss: number;
  /** Right answers. */
  readonly correct: number;
  /** Clips. */
  readonly seen: number;
}

export class Tally {
  readonly #device: Device;
  readonly #pending: { readonly n: number; readonly sums: Tensor }[] = [];
  #loss = 0;
  #correct = 0;
  #seen = 0;

  constructor(device: Device) {
    this.#device = device;
  }

  /** A step over `n` clips: `sums` holds [mean loss, hits]; it is freed when it has been read. */
  add(n: number, sums: Tensor): void {
    this.#pending.push({ n, sums: this.#device.keep(sums) });
  }

  /** Reads what has been added; the place of the first loss that is not finite among it, or -1. */
  async collect(): Promise<number> {
    const done = this.#pending.splice(0);
    if (done.length === 0) return -1;
    const device = this.#device;
    const all = device.noGrad(() => device.scope(() => concat(done.map(({ sums }) => sums))));
    for (const { sums } of done) sums.dispose();
    const values = await all.data();
    all.dispose();
    let bad = -1;
    done.forEach(({ n }, i) => {
      const [loss, correct] = values.subarray(2 * i, 2 * i + 2);
      if (!Number.isFinite(loss) && bad < 0) bad = i;
      this.#loss += loss * n;
      this.#correct += correct;
      this.#seen += n;
    });
    return bad;
  }

  /** Steps not read yet. */
  get waiting(): number {
    return this.#pending.length;
  }

  /** Mean loss a clip of what has been read. */
  get loss(): number {
    return this.#loss / this.#seen;
  }

  get accuracy(): number {
    return this.#correct / this.#seen;
  }

  clear(): void {
    this.restore({ loss: 0, correct: 0, seen: 0 });
  }

  state(): TallyState {
    return { loss: this.#loss, correct: this.#correct, seen: this.#seen };
  }

  restore({ loss, correct, seen }: TallyState): void {
    this.#loss = loss;
    this.#correct = correct;
    this.#seen = seen;
  }
}
