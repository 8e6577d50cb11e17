// The definition: a thread computes one bin, X[k] = Σ x[j] e^(−2πi jk/N), of a real signal: N multiply-adds for each of N/2 + 1
// bins, O(N²). The factors come from a table of N, since jk need only be known modulo N.

struct Params { batch: u32, n: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> table: array<vec2f>; // e^(−2πi k/N)
@group(0) @binding(2) var<storage, read_write> out: array<vec2f>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  let bins = params.n / 2u + 1u;
  if (i >= params.batch * bins) { return; }
  let k = i % bins;
  let base = i / bins * params.n;
  var sum = vec2f(0.0);
  for (var j = 0u; j < params.n; j++) { sum += x[base + j] * table[j * k % params.n]; }
  out[i] = sum;
}
