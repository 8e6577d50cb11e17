/**
 * Which file of a folder holds the weights: safetensors before its shards before PyTorch's zip, as
 * transformers choose.
 */
import { fail, type Folder } from "./byte_source.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { SafetensorsCheckpoint, ShardedCheckpoint } from "./sharded.ts";
import { TorchCheckpoint } from "./torch_zip.ts";

/** Names of weights in a folder, in the order of preference. */
export const WEIGHT_FILES = {
  single: "model.safetensors",
  index: "model.safetensors.index.json",
  torch: "pytorch_model.bin",
  /** Not read: transformers wrote it for models that are far larger than any here. */
  torchIndex: "pytorch_model.bin.index.json",
} as const;

/**
 * The weights of a folder; the result says which file they are in, and must be closed.
 * Throws `UserError` where there are none, or they are not sound.
 */
export async function openWeights(folder: Folder): Promise<Checkpoint> {
  const path = (name: string) => `${folder.path}/${name}`;
  const single = await folder.open(WEIGHT_FILES.single);
  if (single) return await SafetensorsCheckpoint.open(single, path(WEIGHT_FILES.single));
  const sharded = await ShardedCheckpoint.open(folder, WEIGHT_FILES.index);
  if (sharded) return sharded;
  const torch = await folder.open(WEIGHT_FILES.torch);
  if (torch) {
    try {
      return await TorchCheckpoint.open(torch, path(WEIGHT_FILES.torch));
    } catch (error) {
      torch.close();
      throw error;
    }
  }
  const torchIndex = await folder.open(WEIGHT_FILES.torchIndex);
  torchIndex?.close();
  if (torchIndex) fail(path(WEIGHT_FILES.torchIndex), "shards are read as safetensors only");
  const { single: a, index: b, torch: c } = WEIGHT_FILES;
  fail(folder.path, `there are no weights; expected ${a}, ${b} or ${c}`);
}
