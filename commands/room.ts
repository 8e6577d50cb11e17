/** Whether a device can hold what a training needs, told before anything is run. */
import type { Device } from "../engine/device.ts";
import { UserError } from "../engine/error.ts";
import type { Wav2Vec2Network } from "../models/wav2vec2/heads.ts";

/** What WebAssembly can address. */
const CPU_BYTES = 2 ** 32;
/** For inputs, activations and gradients on their way, at the least. */
const WORK_BYTES = 4e8;
/** Beside its value: its gradient, two averages of Adam's, and the best epoch's value. */
const COPIES_OF_TRAINED = 4;

/** Throws `UserError` where the CPU backend cannot hold the weights and what training puts beside them. */
export function requireRoom(device: Device, network: Wav2Vec2Network, part: string): void {
  if (device.kind !== "cpu") return;
  let values = 0;
  for (const tensor of network.state().values()) values += tensor.size;
  const bytes = 4 * (values + COPIES_OF_TRAINED * network.parameterCount()) + WORK_BYTES;
  if (bytes <= CPU_BYTES) return;
  throw new UserError(
    `--train ${part} of this network needs about ${
      (bytes / 1e9).toFixed(1)
    } GB, and the CPU backend ` +
      "holds 4.3: train head or last:2, or use a GPU with --device gpu",
  );
}
