// conv: what a ConvPlan (ops/conv_plan.ts) says: forward convolution, or one residue of the input's
// gradient. x [N, groups·channels, H, W], out [N, groups·outputs, OH, OW]. One output a thread.

override BIAS: bool;
override RELU: bool;

struct Params {
  images: u32, groups: u32, channels: u32, outputs: u32,
  height: i32, width: i32, high: i32, wide: i32,
  strideY: i32, strideX: i32, dilationY: i32, dilationX: i32,
  top: i32, left: i32, rows: u32, columns: u32,
  outHeight: u32, outWidth: u32, firstY: u32, firstX: u32,
  stepY: u32, stepX: u32, wFirst: i32, wGroup: i32,
  wOutput: i32, wChannel: i32, wRow: i32, wColumn: i32,
  total: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let flat = flatIndex(group, groups, local, 64u);
  if (flat >= p.total) { return; }
  let column = flat % p.columns;
  let row = flat / p.columns % p.rows;
  let map = flat / p.columns / p.rows; // (image, group, output)
  let o = map % p.outputs;
  let g = map / p.outputs % p.groups;
  let plane = map / p.outputs * p.channels; // first plane of the group
  let y0 = i32(row) * p.strideY - p.top;
  let x0 = i32(column) * p.strideX - p.left;
  var total = 0.0;
  for (var c = 0u; c < p.channels; c++) {
    let planeBase = i32(plane + c) * p.height * p.width;
    let weightBase = p.wFirst + i32(g) * p.wGroup + i32(o) * p.wOutput + i32(c) * p.wChannel;
    for (var i = 0; i < p.high; i++) {
      let y = y0 + i * p.dilationY;
      if (y < 0 || y >= p.height) { continue; }
      for (var j = 0; j < p.wide; j++) {
        let xx = x0 + j * p.dilationX;
        if (xx < 0 || xx >= p.width) { continue; }
        total += x[planeBase + y * p.width + xx] * w[weightBase + i * p.wRow + j * p.wColumn];
      }
    }
  }
  if (BIAS) { total += bias[g * p.outputs + o]; }
  if (RELU) { total = select(total, 0.0, total < 0.0); }
  let line = map * p.outHeight + p.firstY + row * p.stepY;
  out[line * p.outWidth + p.firstX + column * p.stepX] = total;
}
