/**
 * Whether the CPU backend can hold what a training needs, told before hours are spent: first by the
 * sizes of the weights, then by a step that is tried before anything else is run.
 */
import { OutOfMemoryError } from "../../engine/backend.ts";
import { backward } from "../../engine/autograd.ts";
import type { Device } from "../../engine/device.ts";
import { UserError } from "../../engine/error.ts";
import { crossEntropy } from "../../engine/ops/loss.ts";
import { zeros } from "../../engine/ops/create.ts";
import type { Random } from "../../engine/random.ts";
import type { Recipe } from "../../engine/train/recipe.ts";
import type { Wav2Vec2Network } from "../../models/wav2vec2/heads.ts";
import { sequencesOf } from "../../models/wav2vec2/sequences.ts";

/** What WebAssembly can address. */
const CPU_BYTES = 2 ** 32;
/** For inputs, activations and gradients on their way, at the least. */
const WORK_BYTES = 4e8;
/** Beside its value: its gradient and two averages of Adam's. */
const COPIES_OF_TRAINED = 3;

/** What a whole run is to fit in, where it can. */
const RUN_BYTES = 3e9;
/** The program itself, and what waits for its garbage collector: measured. */
const PROGRAM_BYTES = 4e8;
/** Of frozen layers' output. */
const MOST_STATES = 2e9;

/** Bytes of the weights, of what training puts beside them and of what is on its way, at the least. */
function leastBytes(network: Wav2Vec2Network): number {
  let values = 0;
  for (const tensor of network.state().values()) values += tensor.size;
  return 4 * (values + COPIES_OF_TRAINED * network.parameterCount()) + WORK_BYTES;
}

/**
 * Bytes of what frozen layers give that may be held in memory: the larger the network, the fewer.
 * The clips stand beside it until the last is through.
 */
export function roomForStates(
  { kind }: Device,
  network: Wav2Vec2Network,
  clips: readonly Float32Array[],
): number {
  if (kind !== "cpu") return MOST_STATES; // the network lies elsewhere
  const clipBytes = clips.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const taken = PROGRAM_BYTES + leastBytes(network) + clipBytes;
  return Math.max(0, Math.min(MOST_STATES, RUN_BYTES - taken));
}

/** Throws `UserError` where the CPU backend cannot hold the weights and what training puts beside them. */
export function requireRoom(device: Device, network: Wav2Vec2Network, part: string): void {
  if (device.kind !== "cpu") return;
  const bytes = leastBytes(network);
  if (bytes <= CPU_BYTES) return;
  throw new UserError(
    `--train ${part} of this network needs about ${
      (bytes / 1e9).toFixed(1)
    } GB, and the CPU backend ` +
      "holds 4.3: train head or last:2, or use a GPU with --device gpu",
  );
}

export interface StepToTry {
  readonly part: string;
  readonly recipe: Recipe;
  /** Of the longest clip where the network's inputs stand: frames, and values of each. */
  readonly frames: number;
  readonly channels: number;
  /** The network's stream, left as it was. */
  readonly random: Random;
}

/**
 * Runs a step and an evaluation of the longest clips there are, with room taken for all that training
 * keeps beside the weights. Changes nothing; throws `UserError` where the CPU backend cannot hold it.
 */
export function tryStep(device: Device, network: Wav2Vec2Network, options: StepToTry): void {
  if (device.kind !== "cpu") return;
  const { part, recipe, frames, channels, random } = options;
  const { batch, accumulate = 1, keep = "best" } = recipe;
  const clipsOf = (count: number) =>
    sequencesOf(zeros(device, [count, frames, channels]), new Int32Array(count).fill(frames));
  const before = random.state();
  try {
    device.scope(() => {
      // Adam's averages, and the best epoch's weights.
      for (const { shape } of network.parameters().values()) {
        for (let copy = 0; copy < (keep === "best" ? 3 : 2); copy++) device.empty(shape);
      }
      const count = Math.ceil(batch / accumulate);
      network.train();
      device.scope(() => {
        const labels = device.tensor(new Int32Array(count));
        backward(crossEntropy(network.forward(clipsOf(count)), labels, {}));
      });
      network.train(false);
      device.noGrad(() => device.scope(() => void network.forward(clipsOf(batch))));
    });
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error;
    throw new UserError(
      `--train ${part} with --batch ${batch} needs more than the 4.3 GB that the CPU backend holds: ` +
        "give --accumulate 2 or more or --checkpoint-layers, train head or last:2, or use a GPU with " +
        "--device gpu",
    );
  } finally {
    for (const parameter of network.parameters().values()) {
      parameter.grad?.dispose();
      parameter.grad = null;
    }
    random.restore(before);
  }
}
