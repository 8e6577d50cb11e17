// adam: a step of Adam or AdamW on w and its moments m and v in place. One element a thread.
// size = rate / (1 − β1ᵗ), root = 1 / √(1 − β2ᵗ), part = 1 − β1, fresh = 1 − β2; decay is added to the
// gradient, shrink multiplies w. A scale below 0 says to skip the step. Of `steps`, where above 0, scale[2]
// were skipped: the corrections by 1 − βᵗ, of which size and root know all, then count the others alone.

struct Params {
  n: u32, size: f32, root: f32, eps: f32, part: f32, beta: f32, fresh: f32, decay: f32, shrink: f32,
  steps: u32, log1: f32, log2: f32, // of β1 and β2
}

@group(0) @binding(0) var<storage, read_write> w: array<f32>;
@group(0) @binding(1) var<storage, read> grad: array<f32>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(3) var<storage, read_write> m: array<f32>;
@group(0) @binding(4) var<storage, read_write> v: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

/// 1 − eˣ for x ≤ 0, small ones too.
fn faded(x: f32) -> f32 {
  if (x < -0.5) { return 1.0 - exp(x); }
  var sum = 1.0;
  for (var k = 8.0; k > 1.0; k -= 1.0) { sum = 1.0 + x / k * sum; }
  return -x * sum;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n || scale[0] < 0.0) { return; }
  var size = params.size;
  var root = params.root;
  if (params.steps > 0u && scale[2] > 0.0) {
    let all = f32(params.steps);
    let taken = max(1.0, all - scale[2]);
    size *= faded(params.log1 * all) / faded(params.log1 * taken);
    root *= sqrt(faded(params.log2 * all) / faded(params.log2 * taken));
  }
  let g = grad[i] * scale[0] + w[i] * params.decay;
  let first = m[i] + params.part * (g - m[i]);
  let second = params.beta * v[i] + params.fresh * g * g;
  m[i] = first;
  v[i] = second;
  w[i] = w[i] * params.shrink - size * first / (sqrt(second) * root + params.eps);
}
