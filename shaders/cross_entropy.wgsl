// cross_entropy: from logits [rows, n] and labels [rows] the loss of every row (OP 0, with label
// smoothing; NaN for a label outside), or 1 where the first largest logit is the label's (OP 1).
// LANES threads a row.

override OP: u32;

struct Params { rows: u32, n: u32, smoothing: f32, outside: f32 }

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<i32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = laneRow(group, groups, local);
  let base = min(row, params.rows - 1u) * params.n;
  let label = u32(labels[min(row, params.rows - 1u)]);
  let lane = laneOf(local);
  var largest = logits[base];
  for (var i = lane; i < params.n; i += LANES) { largest = max(largest, logits[base + i]); }
  largest = laneMax(local, largest);
  var total = 0.0;
  var sum = 0.0;
  if (OP == 0u) {
    for (var i = lane; i < params.n; i += LANES) {
      let x = logits[base + i] - largest;
      total += exp(x);
      sum += x;
    }
  } else {
    // How many before the label reach the maximum: the label wins if it does and none before it.
    for (var i = lane; i < min(label, params.n); i += LANES) {
      if (logits[base + i] == largest) { total += 1.0; }
    }
  }
  total = laneSum(local, total);
  sum = laneSum(local, sum);
  if (row >= params.rows || lane != 0u) { return; }
  let inside = label < params.n;
  let atLabel = logits[base + min(label, params.n - 1u)] - largest;
  if (OP == 0u) {
    let loss = log(total) - (1.0 - params.smoothing) * atLabel - params.smoothing * sum / f32(params.n);
    out[row] = select(params.outside, loss, inside);
  } else {
    out[row] = select(0.0, 1.0, inside && atLabel == 0.0 && total == 0.0);
  }
}
