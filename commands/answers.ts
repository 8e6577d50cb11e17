/** What a network answers to labelled clips, as figures and curves are computed from it. */
import type { Module } from "../engine/nn/module.ts";
import { argmaxRows, softmaxRows } from "../engine/train/scores.ts";
import { type LabelledData, logitsOf } from "../engine/train/evaluate.ts";
import type { Answers } from "../report/metrics.ts";

export async function answersOf<In>(
  model: Module<In>,
  { inputs, hostLabels }: Pick<LabelledData<In>, "inputs" | "hostLabels">,
  { labels, batch }: { readonly labels: readonly string[]; readonly batch: number },
): Promise<Answers> {
  const logits = await logitsOf(model, inputs, batch);
  return {
    labels: hostLabels,
    predictions: argmaxRows(logits, labels.length),
    probabilities: softmaxRows(logits, labels.length),
    classes: labels,
  };
}
