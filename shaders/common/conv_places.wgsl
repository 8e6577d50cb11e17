// What all forward convolutions share: a ConvPlan, where a tap reads, and how a sum is stored.
// #include common/half.wgsl

struct Params {
  images: u32, groups: u32, channels: u32, outputs: u32,
  height: i32, width: i32, high: u32, wide: u32,
  strideY: i32, strideX: i32, dilationY: i32, dilationX: i32,
  top: i32, left: i32, rows: u32, columns: u32,
  outHeight: u32, outWidth: u32, firstY: u32, firstX: u32,
  stepY: u32, stepX: u32,
  wFirst: i32, wGroup: i32,
  wOutput: i32, wChannel: i32, wRow: i32, wColumn: i32,
}

@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

fn xAt(i: u32) -> f32 {
  if (HALF) { return halfOf(x[i >> 1u], i); }
  return bitcast<f32>(x[i]);
}

/// Where the taps of output position `i` (image, row, column) begin: first plane, row, column.
fn origin(i: u32, g: u32) -> vec3i {
  let p = params;
  let row = i / p.columns;
  let plane = (row / p.rows * p.groups + g) * p.channels;
  return vec3i(
    i32(plane),
    i32(row % p.rows) * p.strideY - p.top,
    i32(i % p.columns) * p.strideX - p.left,
  );
}

/// Input under a tap (channel, row, column), zero outside the image.
fn source(at: vec3i, tap: vec3u) -> f32 {
  let y = at.y + i32(tap.y) * params.dilationY;
  let z = at.z + i32(tap.z) * params.dilationX;
  if (y < 0 || y >= params.height || z < 0 || z >= params.width) { return 0.0; }
  return xAt(u32(((at.x + i32(tap.x)) * params.height + y) * params.width + z));
}

/// Where a group's first output lies at a position; the others follow a plane apart.
fn outputAt(g: u32, position: u32) -> u32 {
  let p = params;
  let row = position / p.columns;
  let line = (row / p.rows * p.groups + g) * p.outputs * p.outHeight + p.firstY + row % p.rows * p.stepY;
  return line * p.outWidth + p.firstX + position % p.columns * p.stepX;
}

/// Stores a sum of output `o`, whose group's first lies at `at`.
fn storeAt(at: u32, g: u32, o: u32, sum: f32) {
  let p = params;
  var value = sum;
  if (BIAS) { value += bias[g * p.outputs + o]; }
  if (RELU) { value = select(value, 0.0, value < 0.0); }
  out[at + o * p.outHeight * p.outWidth] = value;
}

fn store(g: u32, o: u32, position: u32, sum: f32) {
  if (o >= params.outputs || position >= params.images * params.rows * params.columns) { return; }
  storeAt(outputAt(g, position), g, o, sum);
}
