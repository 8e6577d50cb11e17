/**
 * Loss scaling for half precision: gradients too small for f16 are lifted into its range by a factor on
 * the loss, which is found by trial: halved where a gradient overflowed, whose step is skipped, and
 * doubled after many steps without. As torch.amp.GradScaler, but nothing ever waits for the device.
 */
import { full, zeros } from "../ops/create.ts";
import { copy } from "../ops/copy.ts";
import { endScaledStep } from "../ops/loss_scale.ts";
import { reshape } from "../ops/movement.ts";
import type { Device } from "../device.ts";
import type { Tensor } from "../tensor.ts";

/** What a `LossScaler` has come to. */
export interface LossScale {
  /** Factor on the loss of the next step. */
  readonly scale: number;
  /** Steps that were skipped because a gradient was not finite. */
  readonly skipped: number;
}

/** Settings of `LossScaler`; the defaults are torch.amp.GradScaler's. */
export interface LossScalerOptions {
  /** The first scale; default 2^16. */
  readonly initial?: number;
  /** Good steps in a row after which it doubles; default 2000. */
  readonly interval?: number;
}

/** Scales losses, and undoes it in the gradients; its state stays on the device. */
export class LossScaler {
  readonly #scale: Tensor; // [1]
  readonly #counts: Tensor; // [2]: good steps in a row, skipped steps
  readonly #interval: number;

  /** On the device of what is trained. */
  constructor(device: Device, { initial = 2 ** 16, interval = 2000 }: LossScalerOptions = {}) {
    this.#scale = device.keep(full(device, [1], initial));
    this.#counts = device.keep(zeros(device, [2]));
    this.#interval = interval;
  }

  /** The gradient of a scalar loss by itself, times the scale: what `backward` begins with. */
  seed(loss: Tensor): Tensor {
    // A copy, for the scale changes before the last use of the gradients.
    return reshape(loss.device.noGrad(() => copy(this.#scale)), loss.shape);
  }

  /**
   * Factors for `Optimizer.step`, one for the parameters of each network, which undo the scale and
   * bring their gradients to a norm of `maxNorm` at most; or which skip the step of all, where any
   * gradient is not finite. Sets the scale of the next step.
   */
  factors(networks: readonly (readonly Tensor[])[], maxNorm: number | null): Tensor[] {
    const gradients = networks.map((parameters) => parameters.flatMap(({ grad }) => grad ?? []));
    const state = { scale: this.#scale, counts: this.#counts };
    return endScaledStep(state, gradients, { maxNorm, interval: this.#interval });
  }

  /** Reads where it stands. */
  async read(): Promise<LossScale> {
    const [scale, [, skipped]] = [await this.#scale.data(), await this.#counts.data()];
    return { scale: scale[0], skipped };
  }

  /** State tensors by name; fill them to restore. */
  tensors(): Map<string, Tensor> {
    return new Map([["scale", this.#scale], ["counts", this.#counts]]);
  }

  /** Frees the state. */
  dispose(): void {
    this.#scale.dispose();
    this.#counts.dispose();
  }
}
