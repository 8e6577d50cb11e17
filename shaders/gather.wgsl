// gather: out[i, :] = x[indices[i], :]; a row outside x becomes `outside` (the bits of NaN or of −1).
// One word a thread.

struct Params { n: u32, rows: u32, width: u32, outside: u32 }

@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read> indices: array<u32>;
@group(0) @binding(2) var<storage, read_write> out: array<u32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  let row = i / params.width;
  let index = indices[row];
  if (index < params.rows) {
    out[i] = x[index * params.width + i - row * params.width];
  } else {
    out[i] = params.outside;
  }
}
