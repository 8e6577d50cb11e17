// group_norm_statistics: mean and 1/√(variance + eps) of every group of every sequence, [B · G], from the
// moments of its channels by chunks of times, [B · chunks, 2, C]. A first mean is corrected by the mean of
// what it leaves. LANES threads a group.

// #include common/lanes.wgsl

struct Params { items: u32, times: u32, n: u32, size: u32, chunks: u32, groups: u32, eps: f32 }

@group(0) @binding(0) var<storage, read> moments: array<f32>;
@group(0) @binding(1) var<storage, read_write> means: array<f32>;
@group(0) @binding(2) var<storage, read_write> rstds: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(WIDTH)
fn main(me: Thread, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let p = params;
  let item = laneRow(me, group, groups);
  let safe = min(item, p.items - 1u);
  let lane = laneOf(me);
  let each = p.n / p.groups;
  let base = safe / p.groups * p.chunks * 2u * p.n + safe % p.groups * each;
  let count = f32(p.times) * f32(each);
  var total = 0.0;
  for (var i = lane; i < p.chunks * each; i += LANES) {
    let k = i / each;
    let share = f32(min(p.size, p.times - k * p.size)) / count;
    total += moments[base + k * 2u * p.n + i % each] * share;
  }
  let guess = laneSum(me, total);
  var sums = vec2f(0.0);
  for (var i = lane; i < p.chunks * each; i += LANES) {
    let k = i / each;
    let at = base + k * 2u * p.n + i % each;
    let share = f32(min(p.size, p.times - k * p.size)) / count;
    let d = moments[at] - guess;
    sums += vec2f(d * share, moments[at + p.n] / count + d * d * share);
  }
  sums = laneSums(me, sums);
  if (item >= p.items || lane > 0u) { return; }
  means[item] = guess + sums.x;
  rstds[item] = 1.0 / sqrt(max(sums.y - sums.x * sums.x, 0.0) + p.eps);
}
