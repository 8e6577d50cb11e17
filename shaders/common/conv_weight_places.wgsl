// What all gradients of convolutions' weights share: a ConvPlan and its chunks, the input that an output
// position and a tap bring together, and where a sum is stored.
// #include common/half.wgsl

struct Params {
  images: u32, groups: u32, channels: u32, outputs: u32,
  height: i32, width: i32, high: u32, wide: u32,
  strideY: i32, strideX: i32, dilationY: i32, dilationX: i32,
  top: i32, left: i32, rows: u32, columns: u32,
  outHeight: u32, outWidth: u32, firstY: u32, firstX: u32,
  stepY: u32, stepX: u32,
  weightWords: u32, chunks: u32,
  chunk: u32,
}

@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> partial: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

fn xAt(i: u32) -> f32 {
  if (HALF) { return halfOf(x[i >> 1u], i); }
  return bitcast<f32>(x[i]);
}

/// An output position: image, row, column.
fn place(i: u32) -> vec3u {
  let row = i / params.columns;
  return vec3u(row / params.rows, row % params.rows, i % params.columns);
}

/// Input under a tap (channel, row, column) at a position: zero outside the image. The tap past the
/// last channel stands for the bias, whose input is 1.
fn source(at: vec3u, group: u32, tap: vec3u) -> f32 {
  let p = params;
  if (tap.x >= p.channels) { return 1.0; }
  let y = i32(at.y) * p.strideY - p.top + i32(tap.y) * p.dilationY;
  let z = i32(at.z) * p.strideX - p.left + i32(tap.z) * p.dilationX;
  if (y < 0 || y >= p.height || z < 0 || z >= p.width) { return 0.0; }
  let plane = i32((at.x * p.groups + group) * p.channels + tap.x);
  return xAt(u32((plane * p.height + y) * p.width + z));
}

/// Writes the sum of output `o` and tap `k`, which is the bias where `k` is past the last tap.
fn store(chunk: u32, group: u32, o: u32, k: u32, sum: f32) {
  let p = params;
  let taps = p.channels * p.high * p.wide;
  if (o >= p.outputs || k > taps) { return; }
  let map = group * p.outputs + o;
  let base = chunk * (p.weightWords + p.groups * p.outputs);
  partial[base + select(map * taps + k, p.weightWords + map, k == taps)] = sum;
}
