// batch_norm_combine: joins the chunks of one channel in order and leaves dgamma, dbeta and the line
// that dx takes, dx = line.x · dy + line.y · (x − mean) + line.z. `share` is 1 / (values a channel),
// or 0 where the statistics are constants. One channel a thread.

struct Params { C: u32, chunks: u32, eps: f32, share: f32 }

@group(0) @binding(0) var<storage, read> partial: array<vec2f>;
@group(0) @binding(1) var<storage, read> gamma: array<f32>;
@group(0) @binding(2) var<storage, read> variance: array<f32>;
@group(0) @binding(3) var<storage, read_write> dgamma: array<f32>;
@group(0) @binding(4) var<storage, read_write> dbeta: array<f32>;
@group(0) @binding(5) var<storage, read_write> line: array<vec4f>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let c = flatIndex(group, groups, local, 64u);
  if (c >= params.C) { return; }
  var sum = vec2f(0.0);
  for (var k = 0u; k < params.chunks; k++) { sum += partial[c * params.chunks + k]; }
  let inverse = 1.0 / sqrt(variance[c] + params.eps);
  let scale = gamma[c] * inverse;
  dgamma[c] = sum.y * inverse;
  dbeta[c] = sum.x;
  let slope = -scale * inverse * inverse * sum.y * params.share;
  line[c] = vec4f(scale, slope, -scale * sum.x * params.share, 0.0);
}
