// What changed: no T×T matrix. A thread takes one query, goes through the keys once, and keeps a running maximum,
// a running sum and the weighted sum of values, which it scales down whenever the maximum grows (softmax's second
// rung, carried through the product; Rabe and Staats 2021). Why it should help: traffic falls from T² to T·D a
// head. What stays: every thread reads every key and value from memory for itself. D is at most 64.

struct Params { batch: u32, heads: u32, T: u32, D: u32, scale: f32 }

@group(0) @binding(0) var<storage, read> q: array<f32>; // [B, T, H·D]
@group(0) @binding(1) var<storage, read> k: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let i = flatIndex(group, groups, local, 64u); // [B, H, query]
  if (i >= p.batch * p.heads * p.T) { return; }
  let query = i % p.T;
  let head = i / p.T % p.heads;
  let clip = i / p.T / p.heads;
  let base = (clip * p.T * p.heads + head) * p.D;
  let step = p.heads * p.D;
  var own: array<f32, 64>;
  var sum: array<f32, 64>;
  for (var d = 0u; d < p.D; d++) { own[d] = q[base + query * step + d] * p.scale; }
  var largest = -3.0e38;
  var total = 0.0;
  for (var key = 0u; key < p.T; key++) {
    let at = base + key * step;
    var score = 0.0;
    for (var d = 0u; d < p.D; d++) { score += own[d] * k[at + d]; }
    if (score > largest) {
      let shrink = exp(largest - score);
      total *= shrink;
      for (var d = 0u; d < p.D; d++) { sum[d] *= shrink; }
      largest = score;
    }
    let weight = exp(score - largest);
    total += weight;
    for (var d = 0u; d < p.D; d++) { sum[d] += weight * v[at + d]; }
  }
  for (var d = 0u; d < p.D; d++) { out[base + query * step + d] = sum[d] / total; }
}
