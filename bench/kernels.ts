/** Everything that is timed, by the names the command line takes. */
import { family as conv2d } from "./conv.ts";
import { family as conv1d } from "./conv1d.ts";
import { family as forest } from "./forest.ts";
import { family as matmul } from "./matmul.ts";
import type { Family } from "./op_case.ts";
import { adamFamily, elementwiseFamily } from "./pointwise.ts";
import { batchNormFamily, layerNormFamily, reduceFamily, softmaxFamily } from "./rows.ts";
import { family as steps } from "./steps.ts";
import { attentionFamily, fftFamily } from "./transforms.ts";

export const FAMILIES: readonly Family[] = [
  matmul,
  conv2d,
  conv1d,
  batchNormFamily,
  softmaxFamily,
  layerNormFamily,
  attentionFamily,
  fftFamily,
  elementwiseFamily,
  reduceFamily,
  adamFamily,
  steps,
  forest,
];
