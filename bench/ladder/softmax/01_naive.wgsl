// The definition, a thread a row: the row's maximum, the sum of exp(x − maximum), the quotients. Three loops
// read the row three times, and neighbouring threads read a whole row apart, so that each read of memory brings
// one useful float in a line of 32 or more. Few rows leave most of a GPU idle.

struct Params { rows: u32, n: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = flatIndex(group, groups, local, 64u);
  if (row >= params.rows) { return; }
  let base = row * params.n;
  var largest = x[base];
  for (var i = 1u; i < params.n; i++) { largest = max(largest, x[base + i]); }
  var total = 0.0;
  for (var i = 0u; i < params.n; i++) { total += exp(x[base + i] - largest); }
  for (var i = 0u; i < params.n; i++) { out[base + i] = exp(x[base + i] - largest) / total; }
}
