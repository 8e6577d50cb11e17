// scatter_add: out[r, :] = Σ g[i, :] over the i in [first, stop) with indices[i] = r, in the order of i;
// added to what out holds where first > 0. One element of out a thread.

struct Params { n: u32, width: u32, first: u32, stop: u32 }

@group(0) @binding(0) var<storage, read> g: array<f32>;
@group(0) @binding(1) var<storage, read> indices: array<u32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  let row = i / params.width;
  let column = i - row * params.width;
  var total = 0.0;
  if (params.first > 0u) { total = out[i]; }
  for (var k = params.first; k < params.stop; k++) {
    if (indices[k] == row) { total += g[k * params.width + column]; }
  }
  out[i] = total;
}
