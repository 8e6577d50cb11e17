// What conv1d_weight and conv1d_weight_tiled share: a Conv1dPlan and its chunks, what a time and a weight
// bring together, and where their sums are stored.

struct Params {
  images: u32, groups: u32, channels: u32, outputs: u32,
  length: i32, taps: u32, stride: i32, dilation: i32,
  before: i32, count: u32, outLength: u32, first: u32,
  step: u32,
  chunks: u32, chunk: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> g: array<f32>;
@group(0) @binding(2) var<storage, read_write> partial: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

/// Gradient of output `o` of a group at time `i` (of all images).
fn gradient(i: u32, group: u32, o: u32) -> f32 {
  return g[(i * params.groups + group) * params.outputs + o];
}

/// Input that time `i` of the output meets under weight `k` of a group's outputs: zero outside.
fn source(i: u32, group: u32, k: u32) -> f32 {
  let p = params;
  let t = i32(i % p.count) * p.stride - p.before + i32(k % p.taps) * p.dilation;
  if (t < 0 || t >= p.length) { return 0.0; }
  let time = u32(i32(i / p.count) * p.length + t);
  return x[(time * p.groups + group) * p.channels + k / p.taps];
}

fn storeFour(chunk: u32, group: u32, o: u32, k: u32, sums: vec4f) {
  let p = params;
  let columns = p.channels * p.taps;
  if (o >= p.outputs) { return; }
  for (var j = 0u; j < 4u; j++) {
    if (k + j >= columns) { return; }
    partial[((chunk * p.groups + group) * p.outputs + o) * columns + k + j] = sums[j];
  }
}
