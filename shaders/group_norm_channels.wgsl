// group_norm_channels: adds the chunks of group_norm_sums: dGamma = Σ g·h and dBeta = Σ g of every
// sequence and channel, [B, C], with h = (x − mean) · rstd. One channel of one sequence a thread.

struct Params { items: u32, n: u32, chunks: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> sums: array<f32>;
@group(0) @binding(1) var<storage, read> rstds: array<f32>;
@group(0) @binding(2) var<storage, read_write> dGamma: array<f32>;
@group(0) @binding(3) var<storage, read_write> dBeta: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.items) { return; }
  let n = params.n;
  let image = i / n;
  let c = i % n;
  var sum = 0.0;
  var product = 0.0;
  for (var k = 0u; k < params.chunks; k++) {
    let at = (image * params.chunks + k) * 2u * n + c;
    sum += sums[at];
    product += sums[at + n];
  }
  dGamma[i] = product * rstds[image * params.groups + c / (n / params.groups)];
  dBeta[i] = sum;
}
