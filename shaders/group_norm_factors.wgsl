// group_norm_factors: a pair for every group of every sequence, [B · G, 2]: mean(g·γ) and
// rstd · mean(g·γ·h), from each sequence's dGamma and dBeta, [B, C]. LANES threads a group.

// #include common/lanes.wgsl

struct Params { items: u32, times: u32, n: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> dGamma: array<f32>;
@group(0) @binding(1) var<storage, read> dBeta: array<f32>;
@group(0) @binding(2) var<storage, read> gamma: array<f32>;
@group(0) @binding(3) var<storage, read> rstds: array<f32>;
@group(0) @binding(4) var<storage, read_write> factors: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(WIDTH)
fn main(me: Thread, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let p = params;
  let item = laneRow(me, group, groups);
  let safe = min(item, p.items - 1u);
  let lane = laneOf(me);
  let each = p.n / p.groups;
  let first = safe % p.groups * each;
  let base = safe / p.groups * p.n;
  var sums = vec2f(0.0);
  for (var c = first + lane; c < first + each; c += LANES) {
    sums += gamma[c] * vec2f(dBeta[base + c], dGamma[base + c]);
  }
  let count = f32(p.times) * f32(each);
  sums = laneSums(me, sums) / count;
  if (item >= p.items || lane > 0u) { return; }
  factors[2u * item] = sums.x;
  factors[2u * item + 1u] = rstds[item] * sums.y;
}
