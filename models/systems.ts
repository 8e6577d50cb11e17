/** Every system by the name the command line knows it by. */
import { cnn3 } from "./cnn3.ts";
import { cnn4 } from "./cnn4.ts";
import { cnn5 } from "./cnn5.ts";
import { cnnMlp } from "./cnn_mlp.ts";
import { mlp } from "./mlp.ts";
import type { AnySystem } from "./system.ts";
import { timbre } from "./timbre/system.ts";
import { wav2vec2Base, wav2vec2Large, wav2vec2Small } from "./wav2vec2/systems.ts";

export const SYSTEMS: ReadonlyMap<string, AnySystem> = new Map(
  [cnn3, cnn4, cnn5, mlp, cnnMlp, timbre, wav2vec2Base, wav2vec2Large, wav2vec2Small].map((
    s: AnySystem,
  ) => [s.name, s]),
);
