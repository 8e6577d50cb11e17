// layer_norm_grad: with h = (x − mean) · rstd and e = g · gamma,
// dx = rstd · (e − mean(e) − h · mean(e · h)) for every row of [rows, n]. LANES threads a row.

// #include common/lanes.wgsl

struct Params { rows: u32, n: u32 }

@group(0) @binding(0) var<storage, read> g: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> gamma: array<f32>;
@group(0) @binding(3) var<storage, read> means: array<f32>;
@group(0) @binding(4) var<storage, read> rstds: array<f32>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(WIDTH)
fn main(me: Thread, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = laneRow(me, group, groups);
  let at = min(row, params.rows - 1u);
  let base = at * params.n;
  let lane = laneOf(me);
  let mean = means[at];
  let rstd = rstds[at];
  var sums = vec2f(0.0);
  for (var i = lane; i < params.n; i += LANES) {
    let e = g[base + i] * gamma[i];
    sums += vec2f(e, e * (x[base + i] - mean) * rstd);
  }
  sums = laneSums(me, sums) / f32(params.n);
  if (row >= params.rows) { return; }
  for (var i = lane; i < params.n; i += LANES) {
    let e = g[base + i] * gamma[i];
    dx[base + i] = rstd * (e - sums.x - (x[base + i] - mean) * rstd * sums.y);
  }
}
