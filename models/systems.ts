/** Every system by the name the command line knows it by. */
import { cnn4 } from "./cnn4.ts";
import { mlp } from "./mlp.ts";
import type { System } from "./system.ts";

export const SYSTEMS: ReadonlyMap<string, System> = new Map(
  [cnn4, mlp].map((s) => [s.name, s]),
);
