// softmax (OP 0) and logSoftmax (OP 1) of every row of x [rows, n], shifted by its maximum.
// LANES threads a row.

// #include common/lanes.wgsl

override OP: u32;

struct Params { rows: u32, n: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(WIDTH)
fn main(me: Thread, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = laneRow(me, group, groups);
  let base = min(row, params.rows - 1u) * params.n;
  let lane = laneOf(me);
  var largest = x[base];
  for (var i = lane; i < params.n; i += LANES) { largest = max(largest, x[base + i]); }
  largest = laneMax(me, largest);
  var total = 0.0;
  for (var i = lane; i < params.n; i += LANES) { total += exp(x[base + i] - largest); }
  total = laneSum(me, total);
  if (row >= params.rows) { return; }
  if (OP == 0u) {
    let factor = 1.0 / total;
    for (var i = lane; i < params.n; i += LANES) { out[base + i] = exp(x[base + i] - largest) * factor; }
  } else {
    let shift = log(total);
    for (var i = lane; i < params.n; i += LANES) { out[base + i] = x[base + i] - largest - shift; }
  }
}
