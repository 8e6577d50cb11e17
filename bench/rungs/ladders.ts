/** All ladders, by the names the command line takes. */
import { attentionLadder } from "./attention.ts";
import { convLadder } from "./conv2d.ts";
import { fftLadder } from "./fft.ts";
import type { Ladder } from "./ladder.ts";
import { matmulLadder } from "./matmul.ts";
import { softmaxLadder } from "./softmax.ts";

export const LADDERS: ReadonlyMap<string, Ladder> = new Map(
  [matmulLadder, convLadder, softmaxLadder, fftLadder, attentionLadder].map((l) => [l.name, l]),
);
