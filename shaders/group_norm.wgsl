// group_norm: out = (x − mean) · rstd · gamma + beta for x [B, T, C] with mean and rstd [B · G] of each
// group of channels. One element a thread.

struct Params { items: u32, times: u32, n: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> gamma: array<f32>;
@group(0) @binding(2) var<storage, read> beta: array<f32>;
@group(0) @binding(3) var<storage, read> means: array<f32>;
@group(0) @binding(4) var<storage, read> rstds: array<f32>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.items) { return; }
  let c = i % params.n;
  let g = i / params.n / params.times * params.groups + c / (params.n / params.groups);
  out[i] = (x[i] - means[g]) * (rstds[g] * gamma[c]) + beta[c];
}
