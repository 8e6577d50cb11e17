/** One step of a system's training on made-up inputs, part by part, as the trainer does it. */
import { backward } from "../engine/autograd.ts";
import { separateLogits } from "../engine/nn/ensemble.ts";
import { add } from "../engine/ops/elementwise.ts";
import { crossEntropy } from "../engine/ops/loss.ts";
import { Adam } from "../engine/optim/adam.ts";
import { AdamW } from "../engine/optim/adamw.ts";
import { LossScaler } from "../engine/optim/loss_scaler.ts";
import type { Tensor } from "../engine/tensor.ts";
import { gradientFactors } from "../engine/train/clipping.ts";
import type { AnySystem } from "../models/system.ts";
import type { setUp } from "./set_up.ts";

/** A part of a step, and how it is run. */
type Phase = readonly [name: string, run: () => void];

/** Steps of one network, again and again. */
export class TrainingStep {
  readonly #adam: Adam;
  readonly #scaler: LossScaler | null;
  readonly #system: AnySystem;
  readonly #made: ReturnType<typeof setUp>;

  /** Takes what was set up over. */
  constructor(system: AnySystem, made: ReturnType<typeof setUp>) {
    const { optimizer, learningRate, weightDecay } = system.recipe;
    const { device } = made.labels;
    const Optimizer = optimizer === "adamw" ? AdamW : Adam;
    this.#system = system;
    this.#made = made;
    this.#adam = new Optimizer(made.model.parameters(), { learningRate, weightDecay });
    this.#scaler = device.precision === "f16" ? new LossScaler(device) : null;
  }

  /** The parts, to be run in order; what one hands to the next is kept between them. */
  phases(): Phase[] {
    const { model, inputs, labels } = this.#made;
    const { clipNorm, labelSmoothing } = this.#system.recipe;
    const { device } = labels;
    const scaler = this.#scaler;
    let loss: Tensor | undefined;
    let factors: ReturnType<typeof gradientFactors>;
    let held: Tensor[] = [];
    const bounded: Phase = [scaler ? "unscale and clip" : "clip", () => {
      held = device.scope(() => {
        factors = gradientFactors(model, { most: clipNorm, scaler });
        return [...new Set([...model.parameters().values()].map((weights) => factors!(weights)))];
      });
    }];
    return [
      ["forward", () => {
        // Networks of an ensemble learn side by side, each from a loss of its own.
        loss = device.scope(() =>
          separateLogits(model, inputs())
            .map((logits) => crossEntropy(logits, labels, { labelSmoothing }))
            .reduce((a, b) => add(a, b))
        );
      }],
      ["backward", () => {
        device.scope(() => backward(loss!, scaler?.seed(loss!)));
        loss!.dispose();
      }],
      ...clipNorm === null && !scaler ? [] : [bounded],
      ["optimiser", () => {
        device.scope(() => this.#adam.step(factors));
        this.#adam.zeroGrad();
        for (const factor of held) factor.dispose();
      }],
    ];
  }

  dispose(): void {
    this.#adam.dispose();
    this.#scaler?.dispose();
    this.#made.dispose();
  }
}
