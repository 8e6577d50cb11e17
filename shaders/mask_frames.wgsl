// mask_frames: out = x [B, T, C] where frame t < lengths[b], else `value`. One element a thread.

struct Params { n: u32, T: u32, C: u32, value: f32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> lengths: array<i32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  let frame = i / params.C;
  out[i] = select(params.value, x[i], i32(frame % params.T) < lengths[frame / params.T]);
}
