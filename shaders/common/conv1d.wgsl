// What conv1d and conv1d_tiled share: the options, a Conv1dPlan, and what it reads and writes.
// #include common/half.wgsl

override BIAS: bool;
override ADD: bool; // to what earlier channels left in out

struct Params {
  images: u32, groups: u32, channels: u32, outputs: u32,
  length: i32, taps: u32, stride: i32, dilation: i32,
  before: i32, count: u32, outLength: u32, first: u32,
  step: u32,
  wFirst: i32, wGroup: i32, wOutput: i32,
  wChannel: i32, wTap: i32, firstChannel: u32, endChannel: u32,
}

@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read> w: array<u32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

fn xAt(i: u32) -> f32 {
  if (HALF) { return halfOf(x[i >> 1u], i); }
  return bitcast<f32>(x[i]);
}

fn wAt(i: u32) -> f32 {
  if (HALF) { return halfOf(w[i >> 1u], i); }
  return bitcast<f32>(w[i]);
}
