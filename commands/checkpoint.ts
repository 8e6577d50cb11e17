/**
 * `checkpoint/state.safetensors`: all that a run needs to go on as if it had never stopped, in one
 * file written under a temporary name and renamed, so that there is always a whole one.
 */
import { join } from "node:path";
import { UserError } from "../engine/error.ts";
import { decodeSafetensors, encodeSafetensors, toFloat32 } from "../engine/io/safetensors.ts";
import type { EpochRecord, Trainer, TrainerNumbers } from "../engine/train/trainer.ts";
import { sameShape } from "../engine/shape.ts";
import { fileError, makeFolder, writeWhole } from "../report/files.ts";
import { fields, listOf, mapOf, nullable, number, pairOf, whole } from "../report/shape.ts";

const FILE = "state.safetensors";

export async function saveCheckpoint(folder: string, trainer: Trainer): Promise<void> {
  const tensors = new Map<string, { dtype: "F32"; shape: readonly number[]; data: Float32Array }>();
  for (const [name, t] of trainer.tensors()) {
    tensors.set(name, { dtype: "F32", shape: t.shape, data: await t.data() as Float32Array });
  }
  await makeFolder(folder);
  const bytes = encodeSafetensors(tensors, { trainer: JSON.stringify(trainer.numbers()) });
  await writeWhole(join(folder, FILE), bytes);
}

/** Puts a saved state into a trainer built from the same configuration. */
export async function loadCheckpoint(folder: string, trainer: Trainer): Promise<void> {
  const file = join(folder, FILE);
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(file);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw fileError(error, "read", file);
    throw new UserError(
      `${file}: there is no checkpoint to resume from; train again without --resume`,
    );
  }
  const { metadata, tensors } = decodeSafetensors(bytes, file);
  for (const [name, t] of trainer.tensors()) {
    const saved = tensors.get(name);
    if (!saved || !sameShape(saved.shape, t.shape)) {
      throw new UserError(`${file}: tensor ${name} is missing or of another shape`);
    }
    t.write(toFloat32(saved.dtype, saved.data));
  }
  trainer.restore(parseNumbers(metadata.get("trainer"), file));
}

const best = nullable(number);

const numbers = fields<TrainerNumbers>({
  epoch: whole,
  step: whole,
  epochLoss: number,
  epochCorrect: number,
  epochSeconds: number,
  random: fields({ key: pairOf(whole), counter: whole }),
  adam: fields({ learningRate: number, steps: mapOf(whole) }),
  plateau: nullable(fields({ best, bad: whole, cooling: whole })),
  stopping: fields({ best, bad: whole }),
  history: listOf(fields<EpochRecord>({
    epoch: whole,
    trainLoss: number,
    trainAccuracy: number,
    validationLoss: number,
    validationAccuracy: number,
    learningRate: number,
    seconds: number,
  })),
});

function parseNumbers(text: string | undefined, file: string): TrainerNumbers {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "");
  } catch {
    throw new UserError(`${file}: its metadata holds no trainer state`);
  }
  return numbers(value, `${file}: trainer`);
}
