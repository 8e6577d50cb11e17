// reduce: sums over any axes. One output a thread. `dims` holds size and stride of the kept axes,
// then of the reduced ones, innermost first.

struct Params { n: u32, reduced: u32, kept: u32, gone: u32, dims: array<vec4u, 8> }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  var rest = i;
  var base = 0u;
  for (var d = 0u; d < params.kept; d++) {
    let dim = params.dims[d];
    base += rest % dim.x * dim.y;
    rest /= dim.x;
  }
  var total = 0.0;
  for (var j = 0u; j < params.reduced; j++) {
    var left = j;
    var offset = base;
    for (var d = params.kept; d < params.kept + params.gone; d++) {
      let dim = params.dims[d];
      offset += left % dim.x * dim.y;
      left /= dim.x;
    }
    total += x[offset];
  }
  out[i] = total;
}
