/**
 * `model.safetensors`: a trained network with all that answering needs: which system, the labels in
 * order, the preprocessing, the normalisation, and whether it only ever heard synthetic voices.
 */
import type { Device } from "../../engine/device.ts";
import { UserError } from "../../engine/error.ts";
import { decodeSafetensors, encodeSafetensors, toFloat32 } from "../../engine/io/safetensors.ts";
import type { Module } from "../../engine/nn/module.ts";
import { Random } from "../../engine/random.ts";
import { type FeatureKind, FEATURES } from "../../features/feature_engine.ts";
import { forest } from "../../models/forest.ts";
import { SYSTEMS } from "../../models/systems.ts";
import type { AnySystem } from "../../models/system.ts";
import type { Calibration } from "../../report/calibration.ts";
import { fileError } from "../../report/files.ts";
import type { Normalization } from "./normalization.ts";

/** The first word of every model of ours. */
export const FORMAT = "timbre 1";
const OFFSET = "normalization.offset";
const SCALE = "normalization.scale";

export interface ModelFacts {
  readonly system: AnySystem;
  readonly labels: readonly string[];
  readonly normalization: Normalization;
  readonly calibration: Calibration;
  readonly synthetic: boolean;
  /** What binds whoever uses it; null where nothing does. */
  readonly licence: string | null;
}

/** The file's bytes. */
export async function encodeModel(
  model: Module<unknown>,
  { system, labels, normalization, calibration, synthetic, licence }: ModelFacts,
): Promise<Uint8Array<ArrayBuffer>> {
  const tensors = new Map<string, { dtype: "F32"; shape: readonly number[]; data: Float32Array }>();
  const f32 = (shape: readonly number[], data: Float32Array) => ({
    dtype: "F32" as const,
    shape,
    data,
  });
  for (const [name, t] of model.state()) {
    tensors.set(name, f32(t.shape, await t.data() as Float32Array));
  }
  tensors.set(OFFSET, f32([normalization.offset.length], normalization.offset));
  tensors.set(SCALE, f32([normalization.scale.length], normalization.scale));
  return encodeSafetensors(tensors, headOf({ system, labels, calibration, synthetic, licence }));
}

/** The file of a network that lies in the run's Hugging Face folder: what it is, and no tensors. */
export function encodeHead(facts: Omit<ModelFacts, "normalization">): Uint8Array<ArrayBuffer> {
  return encodeSafetensors(new Map(), headOf(facts));
}

function headOf(
  { system, labels, calibration, synthetic, licence }: Omit<ModelFacts, "normalization">,
): Record<string, string> {
  return {
    format: FORMAT,
    system: system.name,
    labels: JSON.stringify(labels),
    input: system.input,
    inputVersion: String(FEATURES[system.input].version),
    temperature: String(calibration.temperature),
    unsureBelow: String(calibration.unsureBelow),
    synthetic: String(synthetic),
    ...(licence === null ? {} : { licence }),
  };
}

/** The bytes of a run's model. Throws one line where it was not trained to the end. */
export async function readModel(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw fileError(error, "read", path);
    throw new UserError(
      `${path}: there is no such model; finish its run with deno task train --resume RUN`,
    );
  }
}

export interface LoadedModel extends ModelFacts {
  readonly model: Module<unknown>;
}

/** What every model's file says of itself. */
export interface ModelHead {
  readonly system: string;
  readonly input: FeatureKind;
  readonly labels: readonly string[];
  readonly calibration: Calibration;
  readonly synthetic: boolean;
  readonly licence: string | null;
}

/** Reads it; throws one line where the file is none of ours, or made for features of another version. */
export function readFacts(metadata: ReadonlyMap<string, string>, file: string): ModelHead {
  if (metadata.get("format") !== FORMAT) {
    throw new UserError(
      `${file}: expected a model of the form "${FORMAT}", got "${
        metadata.get("format") ?? "none"
      }"`,
    );
  }
  const name = metadata.get("system") ?? "";
  const system = [...SYSTEMS.values(), forest].find((one) => one.name === name);
  if (!system) throw new UserError(`${file}: unknown system "${metadata.get("system")}"`);
  const { version } = FEATURES[system.input];
  if (metadata.get("inputVersion") !== String(version)) {
    throw new UserError(
      `${file}: made for version ${metadata.get("inputVersion")} of the ${system.input} input, ` +
        `this program makes version ${version}; train it again`,
    );
  }
  const labels = parseLabels(metadata.get("labels"), file);
  return {
    system: name,
    input: system.input,
    labels,
    calibration: parseCalibration(metadata, file),
    synthetic: metadata.get("synthetic") === "true",
    licence: metadata.get("licence") ?? null,
  };
}

/** Files of before calibration have none. */
function parseCalibration(metadata: ReadonlyMap<string, string>, file: string): Calibration {
  const temperature = Number(metadata.get("temperature") ?? 1);
  const unsureBelow = Number(metadata.get("unsureBelow") ?? 0);
  if (temperature > 0 && temperature < Infinity && unsureBelow >= 0 && unsureBelow <= 1) {
    return { temperature, unsureBelow };
  }
  throw new UserError(
    `${file}: expected a temperature above 0 and unsureBelow in 0 to 1, got ` +
      `${metadata.get("temperature")} and ${metadata.get("unsureBelow")}`,
  );
}

/** Rebuilds a network from the file's bytes; throws one line that says what is wrong with it. */
export function decodeModel(bytes: Uint8Array, file: string, device: Device): LoadedModel {
  const { metadata, tensors } = decodeSafetensors(bytes, file);
  const { labels, calibration, synthetic, licence, ...head } = readFacts(metadata, file);
  const system = SYSTEMS.get(head.system);
  if (!system) throw new UserError(`${file}: ${head.system} is no network`);
  const values = new Map(
    [...tensors].map(([name, t]) => [name, { shape: t.shape, data: toFloat32(t.dtype, t.data) }]),
  );
  const normalization = {
    offset: take(values, OFFSET, file),
    scale: take(values, SCALE, file),
  };
  const context = { device, random: Random.of(0, "weights") };
  const model = system.build(context, {
    classes: labels.length,
    inputShape: FEATURES[system.input].shape,
  });
  try {
    model.load(values);
  } catch (error) {
    model.dispose();
    throw error instanceof UserError ? new UserError(`${file}: ${error.message}`) : error;
  }
  return { system, labels, normalization, calibration, synthetic, licence, model };
}

function take(
  values: Map<string, { shape: readonly number[]; data: Float32Array }>,
  name: string,
  file: string,
): Float32Array {
  const value = values.get(name);
  if (!value) throw new UserError(`${file}: tensor ${name} is missing`);
  values.delete(name);
  return value.data;
}

function parseLabels(text: string | undefined, file: string): string[] {
  try {
    const labels: unknown = JSON.parse(text ?? "");
    if (Array.isArray(labels) && labels.length > 1 && labels.every((l) => typeof l === "string")) {
      return labels;
    }
  } catch {
    // said below
  }
  throw new UserError(`${file}: its metadata holds no list of labels`);
}
