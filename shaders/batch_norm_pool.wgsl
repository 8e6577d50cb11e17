// batch_norm_pool: batch norm, ReLU and 2×2 max pooling. x [N, C, H, W] → y, winners [N, C, H/2, W/2];
// winners holds each window's chosen input. One window a thread. Normalising is monotone, so the
// largest x · sign(scale) wins, the first of equals.

struct Params { n: u32, C: u32, H: u32, W: u32, eps: f32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> gamma: array<f32>;
@group(0) @binding(2) var<storage, read> beta: array<f32>;
@group(0) @binding(3) var<storage, read> mean: array<f32>;
@group(0) @binding(4) var<storage, read> variance: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<storage, read_write> winners: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

// The larger, the first of equals; NaN wins.
fn better(a: f32, b: f32) -> f32 {
  return select(a, b, b > a || isNan(b));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  let w = params.W / 2u;
  let h = params.H / 2u;
  let column = i % w;
  let row = i / w % h;
  let map = i / (w * h);
  let c = map % params.C;
  let scale = gamma[c] / sqrt(variance[c] + params.eps);
  let s = sign(scale);
  let at = (map * params.H + 2u * row) * params.W + 2u * column;
  let top = better(x[at] * s, x[at + 1u] * s);
  let bottom = better(x[at + params.W] * s, x[at + params.W + 1u] * s);
  let best = better(top, bottom) * s;
  let v = (best - mean[c]) * scale + beta[c];
  winners[i] = select(best, x[at], s == 0.0);
  y[i] = select(v, 0.0, v < 0.0);
}
