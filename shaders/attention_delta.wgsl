// attention_delta: for every query of every head its log-sum-exp and delta = Σ g · out over the head's channels,
// the term by which softmax's gradient is shifted. g, out [B, T, heads · D], lse [B, heads, T], stats of
// pairs [B, heads, T]. One query of one head a thread.

// #include common/half.wgsl

struct Params { rows: u32, heads: u32, T: u32, D: u32 }

@group(0) @binding(0) var<storage, read> g: array<u32>;
@group(0) @binding(1) var<storage, read> out: array<f32>;
@group(0) @binding(2) var<storage, read> lse: array<f32>;
@group(0) @binding(3) var<storage, read_write> stats: array<vec2f>;
@group(1) @binding(0) var<uniform> params: Params;

fn gAt(i: u32) -> f32 {
  if (HALF) { return halfOf(g[i >> 1u], i); }
  return bitcast<f32>(g[i]);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = flatIndex(group, groups, local, 64u);
  if (row >= params.rows) { return; }
  let matrix = row / params.T;
  let frame = matrix / params.heads * params.T + row % params.T;
  let at = (frame * params.heads + matrix % params.heads) * params.D;
  var delta = 0.0;
  for (var d = 0u; d < params.D; d++) { delta += gAt(at + d) * out[at + d]; }
  stats[row] = vec2f(lse[row], delta);
}
