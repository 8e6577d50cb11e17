// group_norm_factors: a pair for every group of every sequence, [B · G, 2]: mean(g·γ) and
// rstd · mean(g·γ·h), from each sequence's dGamma and dBeta, [B, C]. LANES threads a group.

struct Params { items: u32, times: u32, n: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> dGamma: array<f32>;
@group(0) @binding(1) var<storage, read> dBeta: array<f32>;
@group(0) @binding(2) var<storage, read> gamma: array<f32>;
@group(0) @binding(3) var<storage, read> rstds: array<f32>;
@group(0) @binding(4) var<storage, read_write> factors: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let item = laneRow(group, groups, local);
  let safe = min(item, p.items - 1u);
  let lane = laneOf(local);
  let each = p.n / p.groups;
  let first = safe % p.groups * each;
  let base = safe / p.groups * p.n;
  var sum = 0.0;
  var product = 0.0;
  for (var c = first + lane; c < first + each; c += LANES) {
    sum += gamma[c] * dBeta[base + c];
    product += gamma[c] * dGamma[base + c];
  }
  let count = f32(p.times) * f32(each);
  sum = laneSum(local, sum) / count;
  product = laneSum(local, product) / count;
  if (item >= p.items || lane > 0u) { return; }
  factors[2u * item] = sum;
  factors[2u * item + 1u] = rstds[item] * product;
}
