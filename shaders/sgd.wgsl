// sgd: a step of gradient descent on w in place, with L2 decay, momentum and Nesterov's variant.
// One element a thread; a scale below 0 says to skip the step; velocity is not touched where momentum is 0.

struct Params { n: u32, rate: f32, decay: f32, momentum: f32, weight: f32, nesterov: u32 }

@group(0) @binding(0) var<storage, read_write> w: array<f32>;
@group(0) @binding(1) var<storage, read> grad: array<f32>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(3) var<storage, read_write> velocity: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n || scale[0] < 0.0) { return; }
  let g = grad[i] * scale[0] + w[i] * params.decay;
  var step = g;
  if (params.momentum != 0.0) {
    let u = params.momentum * velocity[i] + params.weight * g;
    velocity[i] = u;
    step = select(u, g + params.momentum * u, params.nesterov == 1u);
  }
  w[i] -= params.rate * step;
}
