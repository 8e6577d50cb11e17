// f16 in memory, f32 sums (--precision f16): the 64×64 tile of shaders/matmul_tiled.wgsl over matrices of
// half the bytes. Why it helps: half the traffic from memory and through workgroup memory. What it costs:
// inputs keep 11 bits, so that results are good to about 3 digits, and numbers past 65,504 overflow.
// With SPLIT each matrix is two (see 11_f16_store.wgsl) and the product the sum of three: high·high, and
// high·low + low·high scaled back. Three times the work for almost all of f32's digits: here it only shows
// the error; on matrix units (13_cooperative.wgsl) it is how f32 accuracy can be had at their speed.
// Matrices are padded to whole tiles of 64.

enable f16;

override SPLIT: bool;

struct Params { m: u32, k: u32, n: u32, paddedM: u32, paddedK: u32, paddedN: u32 }

@group(0) @binding(0) var<storage, read> a: array<f16>;
@group(0) @binding(1) var<storage, read> b: array<f16>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

var<workgroup> tileA: array<vec2<f16>, 1040>; // [16 of k][65]: high and low
var<workgroup> tileB: array<vec2<f16>, 1040>;

fn storeRow(row: u32, column: u32, values: vec4f) {
  for (var j = 0u; j < 4u; j++) {
    if (row < params.m && column + j < params.n) { out[row * params.n + column + j] = values[j]; }
  }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let flat = flatIndex(group, groups, 0u, 1u);
  let column0 = flat % (p.paddedN / 64u) * 64u;
  let row0 = flat / (p.paddedN / 64u) * 64u;
  if (row0 >= p.paddedM) { return; } // the whole workgroup
  let row = local / 16u * 4u;
  let column = local % 16u * 4u;
  var sums: array<vec4f, 4>;
  var rest: array<vec4f, 4>;
  for (var k0 = 0u; k0 < p.paddedK; k0 += 16u) {
    for (var e = local; e < 1024u; e += 256u) {
      let at = (row0 + e / 16u) * p.paddedK + k0 + e % 16u;
      let bt = (k0 + e / 64u) * p.paddedN + column0 + e % 64u;
      var x = vec2<f16>(a[at], 0.0h);
      var y = vec2<f16>(b[bt], 0.0h);
      if (SPLIT) {
        x.y = a[p.paddedM * p.paddedK + at];
        y.y = b[p.paddedK * p.paddedN + bt];
      }
      tileA[e % 16u * 65u + e / 16u] = x;
      tileB[e / 64u * 65u + e % 64u] = y;
    }
    workgroupBarrier();
    for (var k = 0u; k < 16u; k++) {
      let y = k * 65u + column;
      let high = vec4f(f32(tileB[y].x), f32(tileB[y + 1u].x), f32(tileB[y + 2u].x), f32(tileB[y + 3u].x));
      let low = vec4f(f32(tileB[y].y), f32(tileB[y + 1u].y), f32(tileB[y + 2u].y), f32(tileB[y + 3u].y));
      for (var i = 0u; i < 4u; i++) {
        let x = vec2f(tileA[k * 65u + row + i]);
        sums[i] += x.x * high;
        if (SPLIT) { rest[i] += x.x * low + x.y * high; }
      }
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < 4u; i++) {
    storeRow(row0 + row + i, column0 + column, sums[i] + rest[i] * (1.0 / 2048.0));
  }
}
