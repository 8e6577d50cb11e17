/**
 * What `reproduce` measured on RAVDESS for a system, on both protocols, as it lies in `results/`: so
 * that no run's figure stands without the other protocol's beside it.
 */
import reproduction from "../../results/reproduction.json" with { type: "json" };
import type { ProtocolFigures, Reproduction } from "../../report/reproduction.ts";
import type { Measured, MeasuredFigure, RunConfig } from "../../report/types.ts";

const NOT_MEASURED: Measured = { random: null, actors: null };

/** Figures of the row of the paper's tables that a run is one of. */
export function measuredFor(
  { system, augment, pretrain, recipe, unvalidated }: Pick<
    RunConfig,
    "system" | "augment" | "pretrain" | "recipe" | "unvalidated"
  >,
): Measured {
  const name = [
    system,
    ...pretrain ? ["pretrained", String(recipe?.epochs)] : [],
    ...augment ? [augment === "paper" ? "augmented" : augment] : [],
    ...unvalidated ? ["full"] : [],
  ].join("-");
  const { rows }: Pick<Reproduction, "rows"> = reproduction as unknown as Reproduction;
  const row = rows.find((r) => r.name === name);
  return row ? { random: figure(row.random), actors: figure(row.actors) } : NOT_MEASURED;
}

function figure(figures: ProtocolFigures | null): MeasuredFigure | null {
  if (!figures) return null;
  const { accuracy: { mean, sd }, n, runs, of } = figures;
  // Folds that were not all run say nothing about all speakers.
  return runs.length === of || runs[0].fold === null ? { mean, sd, n, runs: runs.length } : null;
}
