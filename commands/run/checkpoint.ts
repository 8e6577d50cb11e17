/**
 * `checkpoint/`: all that a run needs to go on as if it had never stopped, in one file for training
 * and one for the pretraining before it. Each is written under a temporary name and renamed, so that
 * there is always a whole one, and written and read a tensor at a time.
 */
import { join } from "node:path";
import { UserError } from "../../engine/error.ts";
import { bytesOf, layOutSafetensors, SafetensorsReader } from "../../engine/io/safetensors.ts";
import type { LayerwisePretrainer, PretrainerNumbers } from "../../engine/train/autoencoder.ts";
import type { EpochRecord, Trainer, TrainerNumbers } from "../../engine/train/trainer.ts";
import { sameShape } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { diskFolder } from "../../models/wav2vec2/disk_folder.ts";
import { fileError, makeFolder, writeWhole } from "../../report/files.ts";
import {
  type Check,
  fields,
  listOf,
  mapOf,
  nullable,
  number,
  pairOf,
  whole,
} from "../../report/shape.ts";

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
  const tensors = saved.tensors();
  const plan = new Map(
    [...tensors].map(([name, { shape }]) => [name, { dtype: "F32" as const, shape }]),
  );
  const { head, order } = layOutSafetensors(plan, { [key]: JSON.stringify(saved.numbers()) });
  async function* parts() {
    yield head;
    for (const name of order) {
      yield bytesOf(name, { ...plan.get(name)!, data: await tensors.get(name)!.data() });
    }
  }
  await makeFolder(folder);
  await writeWhole(join(folder, file), parts());
}

/** What a file is to fill: tensors, and numbers that `check` knows. */
interface Filled<T> {
  readonly tensors: Map<string, Tensor>;
  readonly check: Check<T>;
}

/** Fills `tensors` from a file; the numbers in it. */
async function load<T>(folder: string, place: Place, into: Filled<T>): Promise<T> {
  const file = join(folder, place.file);
  const source = await diskFolder(folder).open(place.file);
  if (!source) {
    throw new UserError(
      `${file}: there is no checkpoint to resume from; train again without --resume`,
    );
  }
  try {
    const reader = await SafetensorsReader.open(source, file);
    return await fill(reader, { ...into, file, key: place.key });
  } finally {
    source.close();
  }
}

async function fill<T>(
  reader: SafetensorsReader,
  { tensors, check, file, key }: Filled<T> & Place,
): Promise<T> {
  for (const [name, t] of tensors) {
    const saved = reader.tensors.get(name);
    if (!saved || !sameShape(saved.shape, t.shape)) {
      throw new UserError(`${file}: tensor ${name} is missing or of another shape`);
    }
    await reader.eachFloat32(name, (piece, before) => t.writePart(piece, before));
  }
  let value: unknown;
  try {
    value = JSON.parse(reader.metadata.get(key) ?? "");
  } catch {
    throw new UserError(`${file}: its metadata holds no ${key} state`);
  }
  return check(value, `${file}: ${key}`);
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
