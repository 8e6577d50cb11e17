/**
 * What PyTorch draws from `torch.manual_seed`: its generator is MT19937, so tests draw its initial
 * weights and its batches number for number instead of keeping them in files.
 */
import type { Tensor } from "../../engine/tensor.ts";
import type { RandomState } from "../../features/corpus/mt19937.ts";

/** torch.rand: the low 24 bits of each output. */
export function torchUniform(random: RandomState, n: number, low = 0, high = 1): Float32Array {
  const range = Math.fround(Math.fround(high) - Math.fround(low));
  return Float32Array.from({ length: n }, () => {
    const u = (random.uint32() & 0xffffff) / 2 ** 24;
    return Math.fround(u * range) + low;
  });
}

/** PyTorch's initial weights: weight then bias of each layer, uniform in ±1/√fan-in. */
export function initialize(
  layers: readonly { readonly weight: Tensor; readonly bias: Tensor }[],
  random: RandomState,
): void {
  for (const { weight, bias } of layers) {
    const bound = 1 / Math.sqrt(weight.size / weight.shape[0]);
    weight.write(torchUniform(random, weight.size, -bound, bound));
    bias.write(torchUniform(random, bias.size, -bound, bound));
  }
}
