// copy: words move from one strided walk to another (transpose, slice, broadcast, frame, pad, concat).
// `dims`, innermost first: size, stride in x, stride in out. `main` moves one word a thread.
// `transposeTiles` has its two transposed dimensions first (contiguous in out, then contiguous in x);
// a workgroup turns one 16 × 16 tile through shared memory, so that both sides are read in lines.

struct Params { n: u32, rank: u32, offsetIn: u32, offsetOut: u32, dims: array<vec4u, 8> }

@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> out: array<u32>;
@group(1) @binding(0) var<uniform> params: Params;

/// Offsets in x and out of element `index` of the dimensions from `first` on.
fn offsets(index: u32, first: u32) -> vec2u {
  var rest = index;
  var offset = vec2u(params.offsetIn, params.offsetOut);
  for (var d = first; d < params.rank; d++) {
    let dim = params.dims[d];
    let next = rest / dim.x;
    offset += (rest - next * dim.x) * dim.yz;
    rest = next;
  }
  return offset;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  let at = offsets(i, 0u);
  out[at.y] = x[at.x];
}

var<workgroup> tile: array<u32, 272>; // 16 rows of 17, so that columns fall on different banks

@compute @workgroup_size(16, 16)
fn transposeTiles(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let index = flatIndex(group, groups, 0u, 1u);
  let a = params.dims[0];
  let b = params.dims[1];
  let tilesA = (a.x + 15u) / 16u;
  let tilesB = (b.x + 15u) / 16u;
  let row = index / tilesA;
  let firstA = (index - row * tilesA) * 16u;
  let further = row / tilesB;
  let firstB = (row - further * tilesB) * 16u;
  let base = offsets(further, 2u);
  let inside = index < params.n;
  if (inside && firstA + local.y < a.x && firstB + local.x < b.x) {
    tile[local.y * 17u + local.x] = x[base.x + (firstA + local.y) * a.y + firstB + local.x];
  }
  workgroupBarrier();
  if (inside && firstA + local.x < a.x && firstB + local.y < b.x) {
    out[base.y + firstA + local.x + (firstB + local.y) * b.z] = tile[local.x * 17u + local.y];
  }
}
