// cross_entropy_grad: out = g/rows · (softmax(logits) − target), target the smoothed labels; NaN where a
// label is outside. LANES threads a row.

// #include common/lanes.wgsl

struct Params { rows: u32, n: u32, smoothing: f32, outside: f32 }

@group(0) @binding(0) var<storage, read> g: array<f32>;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<i32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
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
  var total = 0.0;
  for (var i = lane; i < params.n; i += LANES) { total += exp(logits[base + i] - largest); }
  total = laneSum(me, total);
  if (row >= params.rows) { return; }
  let scale = g[0] / f32(params.rows);
  let off = params.smoothing / f32(params.n);
  for (var i = lane; i < params.n; i += LANES) {
    let target_ = off + select(0.0, 1.0 - params.smoothing, i == label);
    let value = scale * (exp(logits[base + i] - largest) / total - target_);
    out[base + i] = select(params.outside, value, label < params.n);
  }
}
