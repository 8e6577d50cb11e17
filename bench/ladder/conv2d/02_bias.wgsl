// The second half of 02_im2col.wgsl after the product: a bias for each output channel, in place.

struct Params { elements: u32, area: u32, outputs: u32 }

@group(0) @binding(0) var<storage, read> bias: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i < params.elements) { out[i] += bias[i / params.area % params.outputs]; }
}
