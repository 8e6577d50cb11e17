// The last step of 13_cooperative.wgsl: the padded result, with its scaled remainder added, in its own shape.

override SPLIT: bool;

struct Params { m: u32, n: u32, paddedN: u32 }

@group(0) @binding(0) var<storage, read> high: array<f32>;
@group(0) @binding(1) var<storage, read> rest: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.m * params.n) { return; }
  let at = i / params.n * params.paddedN + i % params.n;
  var value = high[at];
  if (SPLIT) { value += rest[at] * (1.0 / 2048.0); }
  out[i] = value;
}
