/** The curves of every class that a report draws, from a model's answers. */
import { type Answers, precisionRecallCurve, rocCurve } from "./metrics.ts";
import type { ClassCurves } from "./types.ts";

export function curvesOf(answers: Answers): ClassCurves[] {
  return answers.classes.map((label, c) => ({
    label,
    roc: rocCurve(answers, c),
    precisionRecall: precisionRecallCurve(answers, c),
  }));
}
