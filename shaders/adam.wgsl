// adam: a step of Adam or AdamW on w and its moments m and v in place. One element a thread.
// size = rate / (1 − β1ᵗ), root = 1 / √(1 − β2ᵗ), part = 1 − β1, fresh = 1 − β2; decay is added to the
// gradient, shrink multiplies w.

struct Params {
  n: u32, size: f32, root: f32, eps: f32, part: f32, beta: f32, fresh: f32, decay: f32, shrink: f32,
}

@group(0) @binding(0) var<storage, read_write> w: array<f32>;
@group(0) @binding(1) var<storage, read> grad: array<f32>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(3) var<storage, read_write> m: array<f32>;
@group(0) @binding(4) var<storage, read_write> v: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  let g = grad[i] * scale[0] + w[i] * params.decay;
  let first = m[i] + params.part * (g - m[i]);
  let second = params.beta * v[i] + params.fresh * g * g;
  m[i] = first;
  v[i] = second;
  w[i] = w[i] * params.shrink - params.size * first / (sqrt(second) * params.root + params.eps);
}
