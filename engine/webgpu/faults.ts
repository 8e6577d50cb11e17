/**
 * What went wrong on a WebGPU device. Its errors arrive late and thrown by nobody, so the first one
 * is kept here and thrown at the next call of the backend. Scopes around the few calls that can
 * fail say what was being done; the device's own `uncapturederror` catches whatever is left.
 */
import { DeviceLostError } from "../backend.ts";

export class Faults {
  readonly #device: GPUDevice;
  #error: Error | null = null;
  #closed = false;
  #pending: Promise<void> = Promise.resolve();

  constructor(device: GPUDevice) {
    this.#device = device;
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.#error ??= new Error(`WebGPU: ${(event as GPUUncapturedErrorEvent).error.message}`);
    });
    void device.lost.then(({ message, reason }) => {
      this.#error = new DeviceLostError(`the GPU went away (${message || reason})`);
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Every later `check` says that the device was closed. */
  close(): void {
    this.#closed = true;
  }

  /** Throws the first error, if there was one. */
  check(): void {
    if (this.#closed) throw new DeviceLostError("the GPU device was closed");
    if (this.#error) throw this.#error;
  }

  /** Runs `action`; an error of kind `filter` that it causes becomes what `describe` makes of it. */
  guard<T>(
    filter: GPUErrorFilter,
    describe: (message: string) => Error | Promise<Error>,
    action: () => T,
  ): T {
    this.#device.pushErrorScope(filter);
    try {
      return action();
    } finally {
      const outcome = this.#device.popErrorScope();
      // One after the other: the first error is the cause, later ones only follow from it.
      this.#pending = this.#pending.then(() => this.#note(outcome, describe));
    }
  }

  /** Waits until all that was guarded has been judged, then throws the first error. */
  async settled(): Promise<void> {
    await this.#pending;
    this.check();
  }

  /** The error behind a rejected promise of the device: the first one known, else the reason. */
  async explain(reason: unknown): Promise<unknown> {
    await this.#pending;
    // `uncapturederror` and `lost` may come a turn of the event loop after the rejection.
    await new Promise((resolve) => setTimeout(resolve, 0));
    try {
      this.check();
    } catch (error) {
      return error;
    }
    return reason;
  }

  async #note(
    outcome: Promise<GPUError | null>,
    describe: (message: string) => Error | Promise<Error>,
  ): Promise<void> {
    // A lost device rejects; `lost` says so better.
    const error = await outcome.catch(() => null);
    if (!error) return;
    const described = await describe(error.message.trim());
    this.#error ??= described;
  }
}
