// group_norm_moments: for every chunk of `size` times of x [B, T, C] each channel's mean and its sum of
// squared deviations from it, [B · chunks, 2, C]. One channel of one chunk a thread.

struct Params { items: u32, times: u32, n: u32, size: u32, chunks: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> moments: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.items) { return; }
  let n = params.n;
  let item = i / n;
  let c = i % n;
  let first = item % params.chunks * params.size;
  let rows = min(params.size, params.times - first);
  let base = (item / params.chunks * params.times + first) * n + c;
  var total = 0.0;
  for (var t = 0u; t < rows; t++) { total += x[base + t * n]; }
  let guess = total / f32(rows);
  var rest = 0.0;
  var squares = 0.0;
  for (var t = 0u; t < rows; t++) {
    let d = x[base + t * n] - guess;
    rest += d;
    squares += d * d;
  }
  moments[item * 2u * n + c] = guess + rest / f32(rows);
  moments[(item * 2u + 1u) * n + c] = max(squares - rest * rest / f32(rows), 0.0);
}
