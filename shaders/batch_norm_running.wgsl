// batch_norm_running: running statistics move towards the batch's by `momentum`; `unbias` is
// n / (n − 1). One channel a thread.

struct Params { n: u32, momentum: f32, unbias: f32 }

@group(0) @binding(0) var<storage, read_write> runningMean: array<f32>;
@group(0) @binding(1) var<storage, read_write> runningVar: array<f32>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> variance: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  runningMean[i] += params.momentum * (mean[i] - runningMean[i]);
  runningVar[i] += params.momentum * (variance[i] * params.unbias - runningVar[i]);
}
