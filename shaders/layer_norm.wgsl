// layer_norm: out = (x − mean) · rstd · gamma + beta for every row of x [rows, n]; mean and rstd [rows] are
// kept for the gradient. A first mean is corrected by the mean of what it leaves, so that rows far from
// zero lose nothing. LANES threads a row.

// #include common/lanes.wgsl

struct Params { rows: u32, n: u32, eps: f32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> gamma: array<f32>;
@group(0) @binding(2) var<storage, read> beta: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(0) @binding(4) var<storage, read_write> means: array<f32>;
@group(0) @binding(5) var<storage, read_write> rstds: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(WIDTH)
fn main(me: Thread, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = laneRow(me, group, groups);
  let base = min(row, params.rows - 1u) * params.n;
  let lane = laneOf(me);
  let n = f32(params.n);
  var total = 0.0;
  for (var i = lane; i < params.n; i += LANES) { total += x[base + i]; }
  let guess = laneSum(me, total) / n;
  var sums = vec2f(0.0);
  for (var i = lane; i < params.n; i += LANES) {
    let d = x[base + i] - guess;
    sums += vec2f(d, d * d);
  }
  sums = laneSums(me, sums) / n;
  if (row >= params.rows) { return; }
  let mean = guess + sums.x;
  let rstd = 1.0 / sqrt(max(sums.y - sums.x * sums.x, 0.0) + params.eps);
  for (var i = lane; i < params.n; i += LANES) {
    out[base + i] = (x[base + i] - mean) * rstd * gamma[i] + beta[i];
  }
  if (lane == 0u) {
    means[row] = mean;
    rstds[row] = rstd;
  }
}
