// matmul_wide: matmul_tiled for large products whose rows are whole vec4s, with and without transposition. A
// workgroup computes TILE_M × TILE_N of one matrix, DEPTH of k at a time through workgroup memory; a thread
// keeps 8×8 of it in registers: 16 floats read from there as four vec4s meet 64 multiply-adds, four times as
// many a read as 4×4 has. A thread's rows and columns lie in two runs of 4, half a tile apart, so that
// neighbouring threads read neighbouring vec4s.

// #include common/matmul.wgsl

override TILE_M: u32 = 128u;
override TILE_N: u32 = 128u;
override DEPTH: u32 = 8u;
override THREADS: u32 = 256u; // TILE_M · TILE_N / 64

@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;

/// Four neighbours of a row; columns come in whole vec4s.
fn storeRow(base: u32, row: u32, column: u32, values: vec4f) {
  if (row >= params.m || column >= params.n) { return; }
  var value = values;
  if (BIAS) { value += vec4f(bias[column], bias[column + 1u], bias[column + 2u], bias[column + 3u]); }
  if (RELU) { value = select(value, vec4f(0.0), value < vec4f(0.0)); }
  out[(base + row * params.n + column) / 4u] = value;
}

var<workgroup> tileA: array<vec4f, DEPTH * TILE_M / 4u>; // [k][row / 4]
var<workgroup> tileB: array<vec4f, DEPTH * TILE_N / 4u>; // [k][column / 4]

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = flatIndex(group, groups, 0u, 1u);
  let across = (params.n + TILE_N - 1u) / TILE_N;
  let down = (params.m + TILE_M - 1u) / TILE_M;
  let column0 = flat % across * TILE_N;
  let row0 = flat / across % down * TILE_M;
  let rest = flat / across / down;
  let matrix = rest % params.matrices;
  let slice = rest / params.matrices;
  if (slice >= params.slices) { return; } // the whole workgroup

  let pair = operands(matrix);
  let baseA = pair.x * params.m * params.k;
  let baseB = pair.y * params.k * params.n;
  let first = slice * params.slice;
  let end = min(first + params.slice, params.k);
  let row = local / (TILE_N / 8u) * 4u;
  let column = local % (TILE_N / 8u) * 4u;
  var l0 = vec4f(0.0);
  var r0 = vec4f(0.0);
  var l1 = vec4f(0.0);
  var r1 = vec4f(0.0);
  var l2 = vec4f(0.0);
  var r2 = vec4f(0.0);
  var l3 = vec4f(0.0);
  var r3 = vec4f(0.0);
  var l4 = vec4f(0.0);
  var r4 = vec4f(0.0);
  var l5 = vec4f(0.0);
  var r5 = vec4f(0.0);
  var l6 = vec4f(0.0);
  var r6 = vec4f(0.0);
  var l7 = vec4f(0.0);
  var r7 = vec4f(0.0);
  for (var k0 = first; k0 < end; k0 += DEPTH) {
    for (var e = local; e < TILE_M * DEPTH / 4u; e += THREADS) {
      if (TRANSPOSE_A) {
        // [k, m]: four rows of one k, as the tile holds them.
        let k = k0 + e / (TILE_M / 4u);
        let r = row0 + e % (TILE_M / 4u) * 4u;
        var value = vec4f(0.0);
        if (k < end && r < params.m) { value = a[(baseA + k * params.m + r) / 4u]; }
        tileA[e] = value;
      } else {
        // [m, k]: four k of one row, one to each line of the tile.
        let k = e % (DEPTH / 4u) * 4u;
        let r = e / (DEPTH / 4u);
        var value = vec4f(0.0);
        if (k0 + k < end && row0 + r < params.m) { value = a[(baseA + (row0 + r) * params.k + k0 + k) / 4u]; }
        for (var j = 0u; j < 4u; j++) { tileA[(k + j) * (TILE_M / 4u) + r / 4u][r % 4u] = value[j]; }
      }
    }
    for (var e = local; e < TILE_N * DEPTH / 4u; e += THREADS) {
      if (TRANSPOSE_B) {
        let k = e % (DEPTH / 4u) * 4u;
        let c = e / (DEPTH / 4u);
        var value = vec4f(0.0);
        if (k0 + k < end && column0 + c < params.n) { value = b[(baseB + (column0 + c) * params.k + k0 + k) / 4u]; }
        for (var j = 0u; j < 4u; j++) { tileB[(k + j) * (TILE_N / 4u) + c / 4u][c % 4u] = value[j]; }
      } else {
        let k = k0 + e / (TILE_N / 4u);
        let c = column0 + e % (TILE_N / 4u) * 4u;
        var value = vec4f(0.0);
        if (k < end && c < params.n) { value = b[(baseB + k * params.n + c) / 4u]; }
        tileB[e] = value;
      }
    }
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      let atA = (k * TILE_M + row) / 4u;
      let atB = (k * TILE_N + column) / 4u;
      let x = tileA[atA];
      let y = tileA[atA + TILE_M / 8u];
      let left = tileB[atB];
      let right = tileB[atB + TILE_N / 8u];
      l0 += x.x * left;
      r0 += x.x * right;
      l1 += x.y * left;
      r1 += x.y * right;
      l2 += x.z * left;
      r2 += x.z * right;
      l3 += x.w * left;
      r3 += x.w * right;
      l4 += y.x * left;
      r4 += y.x * right;
      l5 += y.y * left;
      r5 += y.y * right;
      l6 += y.z * left;
      r6 += y.z * right;
      l7 += y.w * left;
      r7 += y.w * right;
    }
    workgroupBarrier();
  }
  let base = rest * params.m * params.n;
  storeRow(base, row0 + row + 0u, column0 + column, l0);
  storeRow(base, row0 + row + 0u, column0 + TILE_N / 2u + column, r0);
  storeRow(base, row0 + row + 1u, column0 + column, l1);
  storeRow(base, row0 + row + 1u, column0 + TILE_N / 2u + column, r1);
  storeRow(base, row0 + row + 2u, column0 + column, l2);
  storeRow(base, row0 + row + 2u, column0 + TILE_N / 2u + column, r2);
  storeRow(base, row0 + row + 3u, column0 + column, l3);
  storeRow(base, row0 + row + 3u, column0 + TILE_N / 2u + column, r3);
  storeRow(base, row0 + TILE_M / 2u + row + 0u, column0 + column, l4);
  storeRow(base, row0 + TILE_M / 2u + row + 0u, column0 + TILE_N / 2u + column, r4);
  storeRow(base, row0 + TILE_M / 2u + row + 1u, column0 + column, l5);
  storeRow(base, row0 + TILE_M / 2u + row + 1u, column0 + TILE_N / 2u + column, r5);
  storeRow(base, row0 + TILE_M / 2u + row + 2u, column0 + column, l6);
  storeRow(base, row0 + TILE_M / 2u + row + 2u, column0 + TILE_N / 2u + column, r6);
  storeRow(base, row0 + TILE_M / 2u + row + 3u, column0 + column, l7);
  storeRow(base, row0 + TILE_M / 2u + row + 3u, column0 + TILE_N / 2u + column, r7);
}
