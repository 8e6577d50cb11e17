// cross_entropy: from logits [rows, n] and labels [rows] the loss of every row (OP 0, with label
// smoothing; NaN for a label outside), or 1 where the first largest logit is the label's (OP 1).
// LANES threads a row.

// #include common/lanes.wgsl

override OP: u32;

struct Params { rows: u32, n: u32, smoothing: f32, outside: f32 }

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<i32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(WIDTH)
fn main(me: Thread, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = laneRow(me, group, groups);
  let base = min(row, params.rows - 1u) * params.n;
  let label = u32(labels[min(row, params.rows - 1u)]);
  let lane = laneOf(me);
  var largest = logits[base];
  for (var i = lane; i < params.n; i += LANES) { largest = max(largest, logits[base + i]); }
  largest = laneMax(me, largest);
  var sums = vec2f(0.0);
  if (OP == 0u) {
    for (var i = lane; i < params.n; i += LANES) {
      let x = logits[base + i] - largest;
      sums += vec2f(exp(x), x);
    }
  } else {
    // How many before the label reach the maximum: the label wins if it does and none before it.
    for (var i = lane; i < min(label, params.n); i += LANES) {
      if (logits[base + i] == largest) { sums.x += 1.0; }
    }
  }
  sums = laneSums(me, sums);
  if (row >= params.rows || lane != 0u) { return; }
  let inside = label < params.n;
  let atLabel = logits[base + min(label, params.n - 1u)] - largest;
  if (OP == 0u) {
    let loss = log(sums.x) - (1.0 - params.smoothing) * atLabel - params.smoothing * sums.y / f32(params.n);
    out[row] = select(params.outside, loss, inside);
  } else {
    out[row] = select(0.0, 1.0, inside && atLabel == 0.0 && sums.x == 0.0);
  }
}
