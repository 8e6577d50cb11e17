/** Every shader of the project by name, as text, and what a host must know of each. */
import adam from "../../shaders/adam.wgsl" with { type: "text" };
import argmax from "../../shaders/argmax.wgsl" with { type: "text" };
import attention from "../../shaders/attention.wgsl" with { type: "text" };
import attention_cooperative from "../../shaders/attention_cooperative.wgsl" with { type: "text" };
import attention_delta from "../../shaders/attention_delta.wgsl" with { type: "text" };
import attention_grad from "../../shaders/attention_grad.wgsl" with { type: "text" };
import attention_grad_cooperative from "../../shaders/attention_grad_cooperative.wgsl" with {
  type: "text",
};
import batch_norm from "../../shaders/batch_norm.wgsl" with { type: "text" };
import batch_norm_combine from "../../shaders/batch_norm_combine.wgsl" with { type: "text" };
import batch_norm_dx from "../../shaders/batch_norm_dx.wgsl" with { type: "text" };
import batch_norm_pool from "../../shaders/batch_norm_pool.wgsl" with { type: "text" };
import batch_norm_running from "../../shaders/batch_norm_running.wgsl" with { type: "text" };
import batch_norm_statistics from "../../shaders/batch_norm_statistics.wgsl" with { type: "text" };
import batch_norm_sums from "../../shaders/batch_norm_sums.wgsl" with { type: "text" };
import binary from "../../shaders/binary.wgsl" with { type: "text" };
import cast from "../../shaders/cast.wgsl" with { type: "text" };
import clip_scale from "../../shaders/clip_scale.wgsl" with { type: "text" };
import conv from "../../shaders/conv.wgsl" with { type: "text" };
import conv_cooperative from "../../shaders/conv_cooperative.wgsl" with { type: "text" };
import conv_cooperative_weights from "../../shaders/conv_cooperative_weights.wgsl" with {
  type: "text",
};
import conv_tiled from "../../shaders/conv_tiled.wgsl" with { type: "text" };
import conv_weight from "../../shaders/conv_weight.wgsl" with { type: "text" };
import conv_weight_cooperative from "../../shaders/conv_weight_cooperative.wgsl" with {
  type: "text",
};
import conv_weight_tiled from "../../shaders/conv_weight_tiled.wgsl" with { type: "text" };
import conv1d from "../../shaders/conv1d.wgsl" with { type: "text" };
import conv1d_tiled from "../../shaders/conv1d_tiled.wgsl" with { type: "text" };
import conv1d_weight from "../../shaders/conv1d_weight.wgsl" with { type: "text" };
import conv1d_weight_tiled from "../../shaders/conv1d_weight_tiled.wgsl" with { type: "text" };
import cooperative_probe from "../../shaders/cooperative_probe.wgsl" with { type: "text" };
import copy from "../../shaders/copy.wgsl" with { type: "text" };
import cross_entropy from "../../shaders/cross_entropy.wgsl" with { type: "text" };
import cross_entropy_grad from "../../shaders/cross_entropy_grad.wgsl" with { type: "text" };
import dropout from "../../shaders/dropout.wgsl" with { type: "text" };
import fft_pass from "../../shaders/fft_pass.wgsl" with { type: "text" };
import fft_workgroup from "../../shaders/fft_workgroup.wgsl" with { type: "text" };
import fill from "../../shaders/fill.wgsl" with { type: "text" };
import gather from "../../shaders/gather.wgsl" with { type: "text" };
import group_norm from "../../shaders/group_norm.wgsl" with { type: "text" };
import group_norm_channels from "../../shaders/group_norm_channels.wgsl" with { type: "text" };
import group_norm_factors from "../../shaders/group_norm_factors.wgsl" with { type: "text" };
import group_norm_grad from "../../shaders/group_norm_grad.wgsl" with { type: "text" };
import group_norm_moments from "../../shaders/group_norm_moments.wgsl" with { type: "text" };
import group_norm_statistics from "../../shaders/group_norm_statistics.wgsl" with { type: "text" };
import group_norm_sums from "../../shaders/group_norm_sums.wgsl" with { type: "text" };
import layer_norm from "../../shaders/layer_norm.wgsl" with { type: "text" };
import layer_norm_grad from "../../shaders/layer_norm_grad.wgsl" with { type: "text" };
import layer_norm_params from "../../shaders/layer_norm_params.wgsl" with { type: "text" };
import loss_scale from "../../shaders/loss_scale.wgsl" with { type: "text" };
import mask_frames from "../../shaders/mask_frames.wgsl" with { type: "text" };
import matmul from "../../shaders/matmul.wgsl" with { type: "text" };
import matmul_cooperative from "../../shaders/matmul_cooperative.wgsl" with { type: "text" };
import matmul_tiled from "../../shaders/matmul_tiled.wgsl" with { type: "text" };
import matmul_wide from "../../shaders/matmul_wide.wgsl" with { type: "text" };
import overlap_add from "../../shaders/overlap_add.wgsl" with { type: "text" };
import pool from "../../shaders/pool.wgsl" with { type: "text" };
import pool_grad from "../../shaders/pool_grad.wgsl" with { type: "text" };
import random from "../../shaders/random.wgsl" with { type: "text" };
import reduce from "../../shaders/reduce.wgsl" with { type: "text" };
import running_median from "../../shaders/running_median.wgsl" with { type: "text" };
import scatter_add from "../../shaders/scatter_add.wgsl" with { type: "text" };
import sgd from "../../shaders/sgd.wgsl" with { type: "text" };
import softmax from "../../shaders/softmax.wgsl" with { type: "text" };
import softmax_grad from "../../shaders/softmax_grad.wgsl" with { type: "text" };
import sum_chunks from "../../shaders/sum_chunks.wgsl" with { type: "text" };
import sum_squares from "../../shaders/sum_squares.wgsl" with { type: "text" };
import unary from "../../shaders/unary.wgsl" with { type: "text" };
import commonAttention from "../../shaders/common/attention.wgsl" with { type: "text" };
import commonAttentionMask from "../../shaders/common/attention_mask.wgsl" with { type: "text" };
import commonConv from "../../shaders/common/conv.wgsl" with { type: "text" };
import commonConvPlaces from "../../shaders/common/conv_places.wgsl" with { type: "text" };
import commonConvTaps from "../../shaders/common/conv_taps.wgsl" with { type: "text" };
import commonConvWeight from "../../shaders/common/conv_weight.wgsl" with { type: "text" };
import commonConvWeightPlaces from "../../shaders/common/conv_weight_places.wgsl" with {
  type: "text",
};
import commonConv1d from "../../shaders/common/conv1d.wgsl" with { type: "text" };
import commonConv1dTaps from "../../shaders/common/conv1d_taps.wgsl" with { type: "text" };
import commonConv1dWeight from "../../shaders/common/conv1d_weight.wgsl" with { type: "text" };
import commonHalf from "../../shaders/common/half.wgsl" with { type: "text" };
import commonLaneSums from "../../shaders/common/lane_sums.wgsl" with { type: "text" };
import commonLaneSumsSubgroups from "../../shaders/common/lane_sums_subgroups.wgsl" with {
  type: "text",
};
import commonLanes from "../../shaders/common/lanes.wgsl" with { type: "text" };
import commonMatmul from "../../shaders/common/matmul.wgsl" with { type: "text" };
import commonMatmulRows from "../../shaders/common/matmul_rows.wgsl" with { type: "text" };
import commonTileProduct from "../../shaders/common/tile_product.wgsl" with { type: "text" };
import prelude from "../../shaders/prelude.wgsl" with { type: "text" };

const sources: Record<string, string> = {
  adam,
  argmax,
  attention,
  attention_cooperative,
  attention_delta,
  attention_grad,
  attention_grad_cooperative,
  batch_norm,
  batch_norm_combine,
  batch_norm_dx,
  batch_norm_pool,
  batch_norm_running,
  batch_norm_statistics,
  batch_norm_sums,
  binary,
  cast,
  clip_scale,
  conv,
  conv_cooperative,
  conv_cooperative_weights,
  conv_tiled,
  conv_weight,
  conv_weight_cooperative,
  conv_weight_tiled,
  conv1d,
  conv1d_tiled,
  conv1d_weight,
  conv1d_weight_tiled,
  cooperative_probe,
  copy,
  cross_entropy,
  cross_entropy_grad,
  dropout,
  fft_pass,
  fft_workgroup,
  fill,
  gather,
  group_norm,
  group_norm_channels,
  group_norm_factors,
  group_norm_grad,
  group_norm_moments,
  group_norm_statistics,
  group_norm_sums,
  layer_norm,
  layer_norm_grad,
  layer_norm_params,
  loss_scale,
  mask_frames,
  matmul,
  matmul_cooperative,
  matmul_tiled,
  matmul_wide,
  overlap_add,
  pool,
  pool_grad,
  random,
  reduce,
  running_median,
  scatter_add,
  sgd,
  softmax,
  softmax_grad,
  sum_chunks,
  sum_squares,
  unary,
};

/** What shaders of one family share, by the name under which `// #include common/NAME.wgsl` asks for it. */
const families: Record<string, string> = {
  attention: commonAttention,
  attention_mask: commonAttentionMask,
  conv: commonConv,
  conv_places: commonConvPlaces,
  conv_taps: commonConvTaps,
  conv_weight: commonConvWeight,
  conv_weight_places: commonConvWeightPlaces,
  conv1d: commonConv1d,
  conv1d_taps: commonConv1dTaps,
  conv1d_weight: commonConv1dWeight,
  half: commonHalf,
  lane_sums: commonLaneSums,
  lanes: commonLanes,
  matmul: commonMatmul,
  matmul_rows: commonMatmulRows,
  tile_product: commonTileProduct,
};

/** What takes a family's place on devices with subgroups, whose operations others do not compile. */
const subgroupFamilies: Record<string, string> = { lane_sums: commonLaneSumsSubgroups };

export interface ShaderSource {
  readonly name: string;
  readonly code: string;
  /** Access of the storage bindings 0, 1, … of group 0. */
  readonly storages: readonly ("read-only-storage" | "storage")[];
  /** Whether the shader reads parameters at group 1. */
  readonly hasParams: boolean;
}

/** Devices with subgroups have texts of their own. */
const caches = {
  plain: new Map<string, ShaderSource>(),
  subgroups: new Map<string, ShaderSource>(),
};

/**
 * The shader `name` with the prelude, and its bindings as its own declarations state them. `subgroups`:
 * for a device that has them (`GpuCaps`); default false.
 */
export function shaderSource(name: string, subgroups = false): ShaderSource {
  const cache = subgroups ? caches.subgroups : caches.plain;
  const known = cache.get(name);
  if (known) return known;
  const text = sources[name];
  if (text === undefined) throw new Error(`WebGPU backend: no shader ${name}`);
  const source = parseShader(name, text, subgroups);
  cache.set(name, source);
  return source;
}

/** `text` with what its `// #include` lines ask for in their place. */
function withFamilies(name: string, text: string, subgroups: boolean): string {
  return text.replace(/^\/\/ #include common\/(\w+)\.wgsl$/gm, (_, family: string) => {
    const shared = (subgroups ? subgroupFamilies[family] : undefined) ?? families[family];
    if (shared === undefined) throw new Error(`shader ${name}: no shaders/common/${family}.wgsl`);
    return withFamilies(name, shared, subgroups);
  });
}

/** A shader's text as a pipeline needs it. */
export function parseShader(name: string, source: string, subgroups = false): ShaderSource {
  const text = withFamilies(name, source, subgroups);
  const storages: ("read-only-storage" | "storage")[] = [];
  for (
    const m of text.matchAll(/@group\(0\)\s*@binding\((\d+)\)\s*var<storage,\s*(read_write|read)>/g)
  ) {
    storages[Number(m[1])] = m[2] === "read" ? "read-only-storage" : "storage";
  }
  const hasParams = /@group\(1\)\s*@binding\(0\)\s*var<uniform>/.test(text);
  // `enable` directives must come first in a module, so they move ahead of the prelude.
  const enables = text.match(/^enable [^;]+;/gm) ?? [];
  const body = text.replace(/^enable [^;]+;/gm, "");
  return { name, code: [...enables, prelude, body].join("\n"), storages, hasParams };
}
