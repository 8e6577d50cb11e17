// What changed: a workgroup of 16×16 threads copies a 16×16 tile of a and of b into workgroup memory, and all
// of its threads read from there. Why it should help: each float is fetched from memory once for 16 threads
// instead of once for each, a sixteenth of the traffic. What stays: two reads of workgroup memory for each
// multiply-add, which is now the limit; and on a software adapter, where that memory is ordinary memory and a
// barrier costs, this is a step back.

struct Params { m: u32, k: u32, n: u32 }

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

var<workgroup> tileA: array<f32, 256>; // [row][k]
var<workgroup> tileB: array<f32, 256>; // [k][column]

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = flatIndex(group, groups, 0u, 1u);
  let across = (params.n + 15u) / 16u;
  let y = local / 16u;
  let x = local % 16u;
  let row = flat / across * 16u + y;
  let column = flat % across * 16u + x;
  var sum = 0.0;
  for (var k0 = 0u; k0 < params.k; k0 += 16u) {
    tileA[local] = 0.0;
    tileB[local] = 0.0;
    if (row < params.m && k0 + x < params.k) { tileA[local] = a[row * params.k + k0 + x]; }
    if (k0 + y < params.k && column < params.n) { tileB[local] = b[(k0 + y) * params.n + column]; }
    workgroupBarrier();
    for (var k = 0u; k < 16u; k++) { sum += tileA[y * 16u + k] * tileB[k * 16u + x]; }
    workgroupBarrier();
  }
  if (row < params.m && column < params.n) { out[row * params.n + column] = sum; }
}
