// batch_norm: y = (x − mean) · gamma / √(variance + eps) + beta by channel, then ReLU where asked.
// x, y [N, C, S]; one value a thread.

struct Params { n: u32, C: u32, S: u32, eps: f32, relu: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> gamma: array<f32>;
@group(0) @binding(2) var<storage, read> beta: array<f32>;
@group(0) @binding(3) var<storage, read> mean: array<f32>;
@group(0) @binding(4) var<storage, read> variance: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  let c = i / params.S % params.C;
  let v = (x[i] - mean[c]) * (gamma[c] / sqrt(variance[c] + params.eps)) + beta[c];
  y[i] = select(v, 0.0, params.relu == 1u && v < 0.0);
}
