/**
 * Batch norm over [N, C, …]: each channel's values are brought to mean 0 and variance 1, then scaled
 * by gamma and shifted by beta (Ioffe and Szegedy 2015; torch.nn.BatchNorm). With ReLU and 2×2 max
 * pooling fused it reads its input twice, once for the statistics, and writes only what was pooled.
 *
 * The statistics are an op of their own, without a gradient: how they depend on x is part of the
 * normalising op's gradient. Sums over a channel run in f64 on the CPU and in a fixed order on both
 * backends.
 */
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { normOp, poolOp, runningOp, statisticsOp } from "./batch_norm_forward.ts";
import type { NormAttrs } from "./batch_norm_plan.ts";

/** Where batch norm's statistics come from and go to. */
export interface BatchNormOptions {
  /** [C]; read in evaluation, updated in place while training. */
  readonly runningMean: Tensor;
  /** [C]; holds the unbiased variance, as PyTorch's. */
  readonly runningVar: Tensor;
  /** Normalise by the batch's own statistics instead of the running ones. */
  readonly training: boolean;
  /** Share of the batch in the running statistics; default 0.1. */
  readonly momentum?: number;
  /** Added to the variance; default 1e-5. */
  readonly eps?: number;
  /** Apply ReLU to the result; default false. */
  readonly relu?: boolean;
}

/**
 * (x − mean) / √(var + eps) · gamma + beta for each channel of [N, C, …]; gamma and beta are [C].
 * Throws where shapes do not fit, and while training on one value a channel.
 */
export function batchNorm(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  options: BatchNormOptions,
): Tensor {
  return x.device.scope(() => {
    const { mean, variance, attrs } = prepare("batchNorm", x, gamma, beta, options);
    return normOp.apply([x, gamma, beta, mean, variance], attrs)[0];
  });
}

/**
 * `maxPool2d(relu(batchNorm(x)), 2)` in one op: [N, C, H, W] → [N, C, ⌊H/2⌋, ⌊W/2⌋]. Of equal values
 * in a window the first in row-major order gets the gradient; that of ReLU at 0 is 0.
 */
export function batchNormReluMaxPool(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  options: Omit<BatchNormOptions, "relu">,
): Tensor {
  if (x.rank !== 4 || x.shape[2] < 2 || x.shape[3] < 2) {
    throw new Error(
      `batchNormReluMaxPool: expected N×C×H×W of at least 2×2, got ${formatShape(x.shape)}`,
    );
  }
  return x.device.scope(() => {
    const { mean, variance, attrs } = prepare("batchNormReluMaxPool", x, gamma, beta, options);
    return poolOp.apply([x, gamma, beta, mean, variance], { ...attrs, relu: true })[0];
  });
}

interface Prepared {
  readonly mean: Tensor;
  readonly variance: Tensor;
  readonly attrs: NormAttrs;
}

/** Checks the arguments, takes the statistics and updates the running ones. */
function prepare(
  name: string,
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  options: BatchNormOptions,
): Prepared {
  const { runningMean, runningVar, training, momentum = 0.1, eps = 1e-5, relu = false } = options;
  const channels = x.shape[1];
  if (x.rank < 2) throw new Error(`${name}: expected N×C×…, got ${formatShape(x.shape)}`);
  for (const [what, t] of Object.entries({ gamma, beta, runningMean, runningVar })) {
    if (t.rank !== 1 || t.shape[0] !== channels) {
      throw new Error(`${name}: ${what} must be ${channels}, got ${formatShape(t.shape)}`);
    }
  }
  const attrs = { eps, relu, batchStatistics: training };
  if (!training) return { mean: runningMean, variance: runningVar, attrs };
  const values = x.size / channels;
  if (values < 2) {
    throw new Error(
      `${name}: needs more than one value a channel while training, got ${formatShape(x.shape)}`,
    );
  }
  const [mean, variance] = statisticsOp.apply([x], {});
  runningOp.apply([runningMean, runningVar, mean, variance], {
    momentum,
    unbias: values / (values - 1),
  });
  return { mean, variance, attrs };
}
