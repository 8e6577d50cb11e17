// Instead of workgroup memory: the threads of a subgroup hold a stretch of four rows of a, one k each, and
// pass it round by broadcasts. Why it may help: registers are faster than workgroup memory, and no barrier is
// needed. A thread computes 4 rows of one column; b is read once for those four. Tiles are dealt out by the
// subgroup's own number, for its size is only known here.

struct Params { m: u32, k: u32, n: u32 }

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

fn readA(row: u32, k: u32) -> f32 {
  if (row >= params.m || k >= params.k) { return 0.0; }
  return a[row * params.k + k];
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(subgroup_size) lanes: u32, @builtin(subgroup_invocation_id) lane: u32,
  @builtin(subgroup_id) subgroup: u32, @builtin(num_subgroups) subgroups: u32,
) {
  let across = (params.n + lanes - 1u) / lanes;
  let tiles = across * ((params.m + 3u) / 4u);
  let all = groups.x * groups.y * subgroups;
  for (var tile = (group.y * groups.x + group.x) * subgroups + subgroup; tile < tiles; tile += all) {
    let row = tile / across * 4u;
    let column = tile % across * lanes + lane;
    var sums = vec4f(0.0);
    for (var k0 = 0u; k0 < params.k; k0 += lanes) {
      let mine = vec4f(readA(row, k0 + lane), readA(row + 1u, k0 + lane), readA(row + 2u, k0 + lane), readA(row + 3u, k0 + lane));
      for (var j = 0u; j < min(lanes, params.k - k0); j++) {
        var value = 0.0;
        if (column < params.n) { value = b[(k0 + j) * params.n + column]; }
        sums += subgroupShuffle(mine, j) * value;
      }
    }
    for (var i = 0u; i < 4u; i++) {
      if (row + i < params.m && column < params.n) { out[(row + i) * params.n + column] = sums[i]; }
    }
  }
}
