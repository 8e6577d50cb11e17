// The definition, as three kernels with the whole T×T matrix of every head in memory between them: scores
// S = scale · q kᵀ (scores), softmax of its rows (softmax/01_naive.wgsl), and out = S · v (mix). A thread
// computes one element. For T frames and heads of D channels, 4 T² floats of traffic against T·D of inputs: at
// T = 1,500 and 12 heads 108 MB are written and read twice.

struct Params { batch: u32, heads: u32, T: u32, D: u32, scale: f32 }

@group(0) @binding(0) var<storage, read> x: array<f32>; // q [B, T, H·D], or the probabilities
@group(0) @binding(1) var<storage, read> y: array<f32>; // k, or v
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn scores(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let i = flatIndex(group, groups, local, 64u); // [B, H, query, key]
  if (i >= p.batch * p.heads * p.T * p.T) { return; }
  let key = i % p.T;
  let query = i / p.T % p.T;
  let head = i / p.T / p.T % p.heads;
  let clip = i / p.T / p.T / p.heads;
  let first = ((clip * p.T + query) * p.heads + head) * p.D;
  let second = ((clip * p.T + key) * p.heads + head) * p.D;
  var sum = 0.0;
  for (var d = 0u; d < p.D; d++) { sum += x[first + d] * y[second + d]; }
  out[i] = sum * p.scale;
}

@compute @workgroup_size(64)
fn mix(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let i = flatIndex(group, groups, local, 64u); // [B, query, H, d]
  if (i >= p.batch * p.T * p.heads * p.D) { return; }
  let d = i % p.D;
  let head = i / p.D % p.heads;
  let query = i / p.D / p.heads % p.T;
  let clip = i / p.D / p.heads / p.T;
  let row = ((clip * p.heads + head) * p.T + query) * p.T;
  var sum = 0.0;
  for (var key = 0u; key < p.T; key++) {
    sum += x[row + key] * y[((clip * p.T + key) * p.heads + head) * p.D + d];
  }
  out[i] = sum;
}
