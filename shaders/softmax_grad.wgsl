// Gradients of softmax (OP 0): y · (g − Σ g·y), and of logSoftmax (OP 1): g − exp(y) Σ g, for every row
// of g and y [rows, n]. LANES threads a row.

// #include common/lanes.wgsl

override OP: u32;

struct Params { rows: u32, n: u32 }

@group(0) @binding(0) var<storage, read> g: array<f32>;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(WIDTH)
fn main(me: Thread, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = laneRow(me, group, groups);
  let base = min(row, params.rows - 1u) * params.n;
  let lane = laneOf(me);
  var total = 0.0;
  for (var i = lane; i < params.n; i += LANES) {
    var factor = 1.0;
    if (OP == 0u) { factor = y[base + i]; }
    total += g[base + i] * factor;
  }
  total = laneSum(me, total);
  if (row >= params.rows) { return; }
  for (var i = lane; i < params.n; i += LANES) {
    if (OP == 0u) { out[base + i] = y[base + i] * (g[base + i] - total); }
    else { out[base + i] = g[base + i] - exp(y[base + i]) * total; }
  }
}
