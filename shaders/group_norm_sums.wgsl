// group_norm_sums: for every chunk of `size` times each channel's sums Σ g and Σ g·(x − mean),
// [B · chunks, 2, C]. One channel of one chunk a thread.

struct Params { items: u32, times: u32, n: u32, size: u32, chunks: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> g: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> means: array<f32>;
@group(0) @binding(3) var<storage, read_write> sums: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.items) { return; }
  let n = params.n;
  let item = i / n;
  let c = i % n;
  let image = item / params.chunks;
  let mean = means[image * params.groups + c / (n / params.groups)];
  let first = item % params.chunks * params.size;
  let rows = min(params.size, params.times - first);
  let base = (image * params.times + first) * n + c;
  var sum = 0.0;
  var product = 0.0;
  for (var t = 0u; t < rows; t++) {
    sum += g[base + t * n];
    product += g[base + t * n] * (x[base + t * n] - mean);
  }
  sums[item * 2u * n + c] = sum;
  sums[(item * 2u + 1u) * n + c] = product;
}
