/**
 * `timbre`: a temporal and a spectral network behind one front end, their log-probabilities averaged.
 * When it answers, only clips of equally many frames share a batch: no answer depends on which other
 * clips were asked about.
 */
import { Ensemble } from "../../engine/nn/ensemble.ts";
import type { LayerContext } from "../../engine/nn/layers.ts";
import { concat } from "../../engine/ops/movement.ts";
import { gather } from "../../engine/ops/gather.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { framesOf, FrontEnd } from "./front_end.ts";
import { Spectral } from "./spectral.ts";
import { Temporal } from "./temporal.ts";
import type { Voices } from "./voices.ts";

export class Timbre extends Ensemble<Voices> {
  readonly frontEnd: FrontEnd;
  readonly members: readonly [Temporal, Spectral];

  constructor(context: LayerContext, classes: number) {
    super();
    this.frontEnd = new FrontEnd(context);
    this.members = [new Temporal(context, classes), new Spectral(context, classes)];
  }

  protected override prepare(voices: Voices): Tensor {
    return this.frontEnd.forward(voices);
  }

  /** `[B, classes]` log-probabilities. */
  override forward({ device, clips }: Voices): Tensor {
    if (this.training) return super.forward({ device, clips });
    const groups = new Map<number, number[]>();
    clips.forEach((clip, i) => {
      const frames = framesOf(clip.length);
      groups.set(frames, [...groups.get(frames) ?? [], i]);
    });
    const order = [...groups.values()];
    const answers = order.map((group) =>
      device.scope(() => super.forward({ device, clips: group.map((i) => clips[i]) }))
    );
    const places = new Int32Array(clips.length);
    order.flat().forEach((clip, place) => places[clip] = place);
    return gather(concat(answers), device.tensor(places));
  }
}
