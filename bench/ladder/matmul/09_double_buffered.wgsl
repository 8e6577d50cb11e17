// What changed from shaders/matmul_wide.wgsl: two tiles of each matrix in workgroup memory. While a turn
// multiplies out of one pair, the next turn's vec4s are under way from memory into registers, and are written
// to the other pair behind the products; nobody reads that pair, so that one barrier a turn is enough in
// place of two. Why it should help: the wait for memory lies behind 512 multiply-adds a thread, and half the
// barriers go. What it costs: twice the workgroup memory (all of the 16 KiB that WebGPU promises, so that
// fewer workgroups share a core, which hides the same wait) and 8 registers a thread more. Which of the two
// pays is for a real card to tell: on a software adapter they are alike. So shaders/matmul_wide.wgsl does this too
// where the tuner finds it faster; here it stands alone, in one tile shape: 128×128 by 8 of k in 256 threads, so
// that a thread fetches one vec4 of each matrix a turn. Rows must be whole vec4s.

struct Params { m: u32, k: u32, n: u32 }

@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> out: array<vec4f>;
@group(1) @binding(0) var<uniform> params: Params;

const TILE = 256u; // vec4s of a tile: 8 of k by 128 / 4

var<workgroup> tileA: array<vec4f, 2u * TILE>; // [which][k][row / 4]
var<workgroup> tileB: array<vec4f, 2u * TILE>; // [which][k][column / 4]

/// Four k of one row: thread `local` fetches those from k0 + local % 2 · 4 on, of row local / 2 of the tile.
fn fetchA(row0: u32, k0: u32, local: u32) -> vec4f {
  let row = row0 + local / 2u;
  let k = k0 + local % 2u * 4u;
  if (row >= params.m || k >= params.k) { return vec4f(0.0); }
  return a[(row * params.k + k) / 4u];
}

/// Four columns of one k, as the tile holds them.
fn fetchB(column0: u32, k0: u32, local: u32) -> vec4f {
  let k = k0 + local / 32u;
  let column = column0 + local % 32u * 4u;
  if (k >= params.k || column >= params.n) { return vec4f(0.0); }
  return b[(k * params.n + column) / 4u];
}

fn keep(which: u32, local: u32, fromA: vec4f, fromB: vec4f) {
  let row = local / 2u;
  let k = local % 2u * 4u;
  for (var j = 0u; j < 4u; j++) { tileA[which * TILE + (k + j) * 32u + row / 4u][row % 4u] = fromA[j]; }
  tileB[which * TILE + local] = fromB;
}

fn storeRow(row: u32, column: u32, values: vec4f) {
  if (row < params.m && column < params.n) { out[(row * params.n + column) / 4u] = values; }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = flatIndex(group, groups, 0u, 1u);
  let across = (params.n + 127u) / 128u;
  let column0 = flat % across * 128u;
  let row0 = flat / across * 128u;
  let row = local / 16u * 4u;
  let column = local % 16u * 4u;
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
  keep(0u, local, fetchA(row0, 0u, local), fetchB(column0, 0u, local));
  workgroupBarrier();
  var which = 0u;
  for (var k0 = 0u; k0 < params.k; k0 += 8u) {
    let nextA = fetchA(row0, k0 + 8u, local); // zeros behind the last turn
    let nextB = fetchB(column0, k0 + 8u, local);
    for (var k = 0u; k < 8u; k++) {
      let atA = which * TILE + k * 32u + row / 4u;
      let atB = which * TILE + k * 32u + column / 4u;
      let x = tileA[atA];
      let y = tileA[atA + 16u];
      let left = tileB[atB];
      let right = tileB[atB + 16u];
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
    which = 1u - which;
    keep(which, local, nextA, nextB);
    workgroupBarrier();
  }
  storeRow(row0 + row + 0u, column0 + column, l0);
  storeRow(row0 + row + 0u, column0 + 64u + column, r0);
  storeRow(row0 + row + 1u, column0 + column, l1);
  storeRow(row0 + row + 1u, column0 + 64u + column, r1);
  storeRow(row0 + row + 2u, column0 + column, l2);
  storeRow(row0 + row + 2u, column0 + 64u + column, r2);
  storeRow(row0 + row + 3u, column0 + column, l3);
  storeRow(row0 + row + 3u, column0 + 64u + column, r3);
  storeRow(row0 + 64u + row + 0u, column0 + column, l4);
  storeRow(row0 + 64u + row + 0u, column0 + 64u + column, r4);
  storeRow(row0 + 64u + row + 1u, column0 + column, l5);
  storeRow(row0 + 64u + row + 1u, column0 + 64u + column, r5);
  storeRow(row0 + 64u + row + 2u, column0 + column, l6);
  storeRow(row0 + 64u + row + 2u, column0 + 64u + column, r6);
  storeRow(row0 + 64u + row + 3u, column0 + column, l7);
  storeRow(row0 + 64u + row + 3u, column0 + 64u + column, r7);
}
