/**
 * `checkpoint/`: all that a run needs to go on as if it had never stopped, in one file for training
 * and one for the pretraining before it. Each is written under a temporary name and renamed, so that
 * there is always a whole one.
 */
import { join } from "node:path";
import { UserError } from "../engine/error.ts";
import { decodeSafetensors, encodeSafetensors, toFloat32 } from "../engine/io/safetensors.ts";
import type { LayerwisePretrainer, PretrainerNumbers } from "../engine/train/autoencoder.ts";
import type { EpochRecord, Trainer, TrainerNumbers } from "../engine/train/trainer.ts";
import { sameShape } from "../engine/shape.ts";
import type { Tensor } from "../engine/tensor.ts";
import { fileError, makeFolder, writeWhole } from "../report/files.ts";
import {
  type Check,
  fields,
  listOf,
  mapOf,
  nullable,
  number,
  pairOf,
  whole,
} from "../report/shape.ts";

const TRAINER = { file: "state.safetensors", key: "trainer" };
const PRETRAINER = { file: "pretraining.safetensors", key: "pretrainer" };

export function saveCheckpoint<In>(folder: string, trainer: Trainer<In>): Promise<void> {
  return save(folder, TRAINER, trainer);
}

/** Puts a saved state into a trainer built from the same configuration. */
export async function loadCheckpoint<In>(folder: string, trainer: Trainer<In>): Promise<void> {
  trainer.restore(await load(folder, TRAINER, { tensors: trainer.tensors(), check: numbers }));
}

export function savePretraining(folder: string, pretrainer: LayerwisePretrainer): Promise<void> {
  return save(folder, PRETRAINER, pretrainer);
}

/** Puts a saved state into a pretrainer built from the same configuration. */
export async function loadPretraining(
  folder: string,
  pretrainer: LayerwisePretrainer,
): Promise<void> {
  const state = { tensors: pretrainer.tensors(), check: pretrainerNumbers };
  pretrainer.restore(await load(folder, PRETRAINER, state));
}

/** Whether training itself has been saved, after whatever pretraining there was. */
export async function hasCheckpoint(folder: string): Promise<boolean> {
  try {
    return (await Deno.stat(join(folder, TRAINER.file))).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw fileError(error, "read", folder);
  }
}

/** A file of the folder, and the name of the numbers in its metadata. */
interface Place {
  readonly file: string;
  readonly key: string;
}

async function save(
  folder: string,
  { file, key }: Place,
  saved: { tensors(): Map<string, Tensor>; numbers(): unknown },
): Promise<void> {
  const tensors = new Map<string, { dtype: "F32"; shape: readonly number[]; data: Float32Array }>();
  for (const [name, t] of saved.tensors()) {
    tensors.set(name, { dtype: "F32", shape: t.shape, data: await t.data() as Float32Array });
  }
  await makeFolder(folder);
  const bytes = encodeSafetensors(tensors, { [key]: JSON.stringify(saved.numbers()) });
  await writeWhole(join(folder, file), bytes);
}

/** Fills `tensors` from a file; the numbers in it. */
async function load<T>(
  folder: string,
  place: Place,
  into: { readonly tensors: Map<string, Tensor>; readonly check: Check<T> },
): Promise<T> {
  const file = join(folder, place.file);
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
  for (const [name, t] of into.tensors) {
    const saved = tensors.get(name);
    if (!saved || !sameShape(saved.shape, t.shape)) {
      throw new UserError(`${file}: tensor ${name} is missing or of another shape`);
    }
    t.write(toFloat32(saved.dtype, saved.data));
  }
  let value: unknown;
  try {
    value = JSON.parse(metadata.get(place.key) ?? "");
  } catch {
    throw new UserError(`${file}: its metadata holds no ${place.key} state`);
  }
  return into.check(value, `${file}: ${place.key}`);
}

const best = nullable(number);
const adam = fields({ learningRate: number, steps: mapOf(whole) });

const numbers = fields<TrainerNumbers>({
  epoch: whole,
  step: whole,
  tally: fields({ loss: number, correct: number, seen: whole }),
  epochSeconds: number,
  random: fields({ key: pairOf(whole), counter: whole }),
  adam,
  plateau: nullable(fields({ best, bad: whole, cooling: whole })),
  stopping: fields({ best, bad: whole }),
  history: listOf(fields<EpochRecord>({
    epoch: whole,
    trainLoss: number,
    trainAccuracy: number,
    validationLoss: nullable(number),
    validationAccuracy: nullable(number),
    learningRate: number,
    seconds: number,
  })),
});

const pretrainerNumbers = fields<PretrainerNumbers>({
  layer: whole,
  step: whole,
  epochLoss: number,
  losses: listOf(listOf(number)),
  adam: listOf(adam),
});
