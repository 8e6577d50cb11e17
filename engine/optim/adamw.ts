/** Adam with decoupled weight decay (Loshchilov and Hutter 2019), as torch.optim.AdamW. */
import type { Tensor } from "../tensor.ts";
import { Adam, type AdamOptions } from "./adam.ts";

/** Adam whose weights shrink by themselves, apart from the gradient. */
export class AdamW extends Adam {
  /** As Adam's; weight decay is 0.01 by default. */
  constructor(parameters: ReadonlyMap<string, Tensor>, options: AdamOptions = {}) {
    super(parameters, { ...options, weightDecay: options.weightDecay ?? 0.01 });
  }

  /** The weights shrink by themselves; the gradient knows nothing of it. */
  protected override decay(rate: number): { decay: number; shrink: number } {
    return { decay: 0, shrink: 1 - rate * this.weightDecay };
  }
}
