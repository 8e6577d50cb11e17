// What conv1d_weight and conv1d_weight_tiled share: a Conv1dPlan and its chunks, and what lies where.
// #include common/half.wgsl

struct Params {
  images: u32, groups: u32, channels: u32, outputs: u32,
  length: i32, taps: u32, stride: i32, dilation: i32,
  before: i32, count: u32, outLength: u32, first: u32,
  step: u32,
  chunks: u32, chunk: u32,
}

@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read> g: array<u32>;
@group(0) @binding(2) var<storage, read_write> partial: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

fn xAt(i: u32) -> f32 {
  if (HALF) { return halfOf(x[i >> 1u], i); }
  return bitcast<f32>(x[i]);
}

fn gAt(i: u32) -> f32 {
  if (HALF) { return halfOf(g[i >> 1u], i); }
  return bitcast<f32>(g[i]);
}

/// Gradient of output `o` of a group at time `i` (of all images).
fn gradient(i: u32, group: u32, o: u32) -> f32 {
  return gAt((i * params.groups + group) * params.outputs + o);
}
