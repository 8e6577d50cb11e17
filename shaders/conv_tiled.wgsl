// conv_tiled: what a ConvPlan (ops/conv_plan.ts) says, for GPUs: a matrix product of the weights
// [outputs, taps] with the input as taps see it [taps, positions], which is never stored. A workgroup
// computes TILE_O × TILE_P, DEPTH taps at a time through workgroup memory; a
// thread keeps 4×4 of it in registers. x [N, groups·channels, H, W], out [N, groups·outputs, OH, OW].

override BIAS: bool;
override RELU: bool;
override TILE_O: u32 = 64u;
override TILE_P: u32 = 64u;
override DEPTH: u32 = 16u;
override THREADS: u32 = 256u; // TILE_O · TILE_P / 16
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

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

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
  return x[((at.x + i32(tap.x)) * params.height + y) * params.width + z];
}

fn weight(g: u32, o: u32, tap: vec3u) -> f32 {
  let p = params;
  return w[p.wFirst + i32(g) * p.wGroup + i32(o) * p.wOutput + i32(tap.x) * p.wChannel +
    i32(tap.y) * p.wRow + i32(tap.z) * p.wColumn];
}

fn store(g: u32, o: u32, position: u32, sum: f32) {
  let p = params;
  if (o >= p.outputs || position >= p.images * p.rows * p.columns) { return; }
  let row = position / p.columns;
  let map = (row / p.rows * p.groups + g) * p.outputs + o;
  var value = sum;
  if (BIAS) { value += bias[g * p.outputs + o]; }
  if (RELU) { value = select(value, 0.0, value < 0.0); }
  let line = map * p.outHeight + p.firstY + row % p.rows * p.stepY;
  out[line * p.outWidth + p.firstX + position % p.columns * p.stepX] = value;
}

fn storeFour(g: u32, o: u32, position: u32, sums: vec4f) {
  for (var j = 0u; j < 4u; j++) { store(g, o, position + j, sums[j]); }
}

var<workgroup> weights: array<f32, DEPTH * (TILE_O + 1u)>; // [tap][output], an odd pitch
var<workgroup> inputs: array<f32, DEPTH * TILE_P>; // [tap][position]

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let flat = flatIndex(group, groups, 0u, 1u);
  let positions = p.images * p.rows * p.columns;
  let across = (positions + TILE_P - 1u) / TILE_P;
  let down = (p.outputs + TILE_O - 1u) / TILE_O;
  let position0 = flat % across * TILE_P;
  let o0 = flat / across % down * TILE_O;
  let g = flat / across / down;
  if (g >= p.groups) { return; } // the whole workgroup

  let area = p.high * p.wide;
  let taps = p.channels * area;
  // TILE_P divides THREADS: a thread always loads the same position.
  let mine = local % TILE_P;
  let at = origin(min(position0 + mine, positions - 1u), g);
  let o = local / (TILE_P / 4u) * 4u;
  let position = local % (TILE_P / 4u) * 4u;
  var c0 = vec4f(0.0);
  var c1 = vec4f(0.0);
  var c2 = vec4f(0.0);
  var c3 = vec4f(0.0);
  for (var k0 = 0u; k0 < taps; k0 += DEPTH) {
    for (var e = local; e < TILE_O * DEPTH; e += THREADS) {
      let k = k0 + e % DEPTH;
      let output = e / DEPTH;
      var value = 0.0;
      if (k < taps && o0 + output < p.outputs) {
        value = weight(g, o0 + output, vec3u(k / area, k % area / p.wide, k % p.wide));
      }
      weights[e % DEPTH * (TILE_O + 1u) + output] = value;
    }
    for (var row = local / TILE_P; row < DEPTH; row += THREADS / TILE_P) {
      let k = k0 + row;
      var value = 0.0;
      if (k < taps) { value = source(at, vec3u(k / area, k % area / p.wide, k % p.wide)); }
      inputs[row * TILE_P + mine] = value;
    }
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      let a = k * (TILE_O + 1u) + o;
      let b = k * TILE_P + position;
      let v = vec4f(inputs[b], inputs[b + 1u], inputs[b + 2u], inputs[b + 3u]);
      c0 += weights[a] * v;
      c1 += weights[a + 1u] * v;
      c2 += weights[a + 2u] * v;
      c3 += weights[a + 3u] * v;
    }
    workgroupBarrier();
  }
  storeFour(g, o0 + o + 0u, position0 + position, c0);
  storeFour(g, o0 + o + 1u, position0 + position, c1);
  storeFour(g, o0 + o + 2u, position0 + position, c2);
  storeFour(g, o0 + o + 3u, position0 + position, c3);
}
