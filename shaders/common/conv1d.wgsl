// What conv1d and conv1d_tiled share: the options, a Conv1dPlan, and how sums are stored.

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

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

fn storeFour(g: u32, row: u32, o: u32, sums: vec4f) {
  let p = params;
  if (row >= p.images * p.count) { return; }
  let time = row / p.count * p.outLength + p.first + row % p.count * p.step;
  for (var j = 0u; j < 4u; j++) {
    if (o + j >= p.outputs) { return; }
    let column = g * p.outputs + o + j;
    let index = time * p.groups * p.outputs + column;
    var sum = sums[j];
    if (BIAS) { sum += bias[column]; }
    if (ADD) { sum += out[index]; }
    out[index] = sum;
  }
}
