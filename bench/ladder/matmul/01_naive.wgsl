// The definition: a thread computes one element of out = a · b and reads its row of a and its column of b
// from memory. Neighbouring threads share rows and columns, but nothing but the caches knows: two floats
// are read for each multiply-add, so the memory system, not arithmetic, sets the speed.

struct Params { m: u32, k: u32, n: u32 }

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.m * params.n) { return; }
  let row = i / params.n;
  let column = i % params.n;
  var sum = 0.0;
  for (var k = 0u; k < params.k; k++) { sum += a[row * params.k + k] * b[k * params.n + column]; }
  out[i] = sum;
}
