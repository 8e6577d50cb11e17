/**
 * CNN + MLP (paper §3.4, table 5): a small CNN over the MFCCs and an MLP over the other features of
 * a clip, joined by three linear layers.
 *
 * Where the paper leaves a choice open: its text speaks of spectrograms, but its data set class
 * hands out "the MFCC and scalar features", its table pools height alone and keeps W, and the whole
 * input is one table of features. So the image is taken to be the clip's vector of MFCC means, one
 * column of height 40, and the scalars are all other features of the vector. Kernels are 3×3 with
 * padding 1, as in §3.3; in a column only their middle tap sees anything but padding. Dropout is
 * listed twice in the final classifier and taken once. It gives no number of epochs: 100 at most,
 * stopped when the validation loss has not fallen for 15, as the MLP here.
 */
import { BatchNorm, Conv2d, Dropout, type LayerContext, Linear } from "../engine/nn/layers.ts";
import { Module } from "../engine/nn/module.ts";
import { relu } from "../engine/ops/elementwise.ts";
import { concat, reshape, slice } from "../engine/ops/movement.ts";
import { maxPool2d } from "../engine/ops/pool.ts";
import type { Tensor } from "../engine/tensor.ts";
import { VECTOR_NAMES } from "../features/vector.ts";
import { HiddenLayer } from "./hidden_layer.ts";
import { equalRows, type System } from "./system.ts";

/** Where the MFCC means stand in a clip's vector: one run of it. */
const CEPSTRA = runOf(VECTOR_NAMES, /^mfcc_\d+_mean$/);

function runOf(names: readonly string[], wanted: RegExp): { first: number; count: number } {
  const places = names.flatMap((name, i) => wanted.test(name) ? [i] : []);
  const [first] = places;
  if (first === undefined || places.some((at, i) => at !== first + i)) {
    throw new Error(`cnn-mlp: names like ${wanted.source} are not one run of the vector`);
  }
  return { first, count: places.length };
}

/** Convolution, batch norm, ReLU: `[N, in, H, 1]` → `[N, out, H, 1]`. */
class ConvLayer extends Module {
  readonly conv: Conv2d;
  readonly norm: BatchNorm;

  constructor(context: LayerContext, inputs: number, outputs: number) {
    super();
    this.conv = new Conv2d(context, [inputs, outputs], 3, { padding: 1 });
    this.norm = new BatchNorm(context, outputs);
  }

  forward(x: Tensor): Tensor {
    return relu(this.norm.forward(this.conv.forward(x)));
  }
}

export class CnnMlp extends Module {
  readonly convs: ConvLayer[];
  readonly scalars: HiddenLayer[];
  readonly combined: Linear[];
  readonly dropout: Dropout;
  readonly output: Linear;

  /** `features` in a clip's vector, 40 of them MFCC means. */
  constructor(context: LayerContext, features: number, classes: number) {
    super();
    const { count } = CEPSTRA;
    const mapped = 128 * Math.floor(count / 2);
    this.convs = [new ConvLayer(context, 1, 64), new ConvLayer(context, 64, 128)];
    this.scalars = [
      new HiddenLayer(context, features - count, 128, 0.3),
      new HiddenLayer(context, 128, 64, 0.3),
    ];
    this.combined = [new Linear(context, mapped + 64, 128), new Linear(context, 128, 64)];
    this.dropout = new Dropout(context, 0.3);
    this.output = new Linear(context, 64, classes);
  }

  /** `[N, features]` scaled to 0…1 → `[N, classes]` logits. */
  forward(x: Tensor): Tensor {
    const n = x.shape[0];
    const { first, count } = CEPSTRA;
    const column = reshape(slice(x, [null, { begin: first, end: first + count }]), [
      ...[n, 1, count, 1],
    ]);
    const others = concat(
      [slice(x, [null, { end: first }]), slice(x, [null, { begin: first + count }])],
      1,
    );
    const [wide, narrow] = this.convs;
    const maps = narrow.forward(maxPool2d(wide.forward(column), { kernel: [2, 1] }));
    const scalars = this.scalars.reduce((h, layer) => layer.forward(h), others);
    const joined = concat([reshape(maps, [n, -1]), scalars], 1);
    const h = this.combined.reduce((h, l) => this.dropout.forward(relu(l.forward(h))), joined);
    return this.output.forward(h);
  }
}

export const cnnMlp: System = {
  name: "cnn-mlp",
  title: "CNN + MLP",
  input: "vector",
  normalization: "min-max",
  recipe: {
    epochs: 100,
    batch: 32,
    learningRate: 1e-3,
    weightDecay: 0,
    clipNorm: null,
    plateau: null,
    patience: 15,
    labelSmoothing: 0,
  },
  paper: { accuracy: 0.463, n: 216, where: "§3.4" },
  build: (context, { classes, inputShape }) => new CnnMlp(context, inputShape[0], classes),
  source: equalRows,
};
