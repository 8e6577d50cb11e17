/**
 * `timbre`, a system of our own for voices it has never heard: about 700,000 parameters, trained from
 * scratch, judged by actor, with the last epoch's weights.
 */
import { Timbre } from "./ensemble.ts";
import type { System } from "../system.ts";
import { VoiceRows, type Voices } from "./voices.ts";

export const timbre: System<Voices> = {
  name: "timbre",
  title: "timbre",
  input: "voice",
  normalization: "none",
  recipe: {
    epochs: 40,
    batch: 32,
    optimizer: "adamw",
    learningRate: 2e-3,
    weightDecay: 0.02,
    clipNorm: 2,
    plateau: null,
    schedule: { kind: "one-cycle" },
    keep: "last",
    patience: 40,
    labelSmoothing: 0.1,
  },
  paper: null,
  build: (context, { classes }) => new Timbre(context, classes),
  async fit(model, training) {
    if (model instanceof Timbre) await model.frontEnd.fit(training);
  },
  source: (device, rows) => new VoiceRows(device, rows),
};
