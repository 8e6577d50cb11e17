// Instead of a tree through workgroup memory: a subgroup shares a row, and its maximum and sum are one
// instruction each (subgroupMax, subgroupAdd). Why it may help: no barrier, no workgroup memory, and several
// rows a workgroup at once. Rows are dealt out by the subgroup's own number, for its size is only known here.

struct Params { rows: u32, n: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(subgroup_size) lanes: u32, @builtin(subgroup_invocation_id) lane: u32,
  @builtin(subgroup_id) subgroup: u32, @builtin(num_subgroups) subgroups: u32,
) {
  let all = groups.x * groups.y * subgroups;
  for (var row = (group.y * groups.x + group.x) * subgroups + subgroup; row < params.rows; row += all) {
    let base = row * params.n;
    var largest = x[base];
    for (var i = lane; i < params.n; i += lanes) { largest = max(largest, x[base + i]); }
    largest = subgroupMax(largest);
    var total = 0.0;
    for (var i = lane; i < params.n; i += lanes) { total += exp(x[base + i] - largest); }
    total = subgroupAdd(total);
    let factor = 1.0 / total;
    for (var i = lane; i < params.n; i += lanes) { out[base + i] = exp(x[base + i] - largest) * factor; }
  }
}
