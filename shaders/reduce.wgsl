// reduce: sums (OP 0) or maxima (OP 1) over any axes. `dims` holds size and stride of the kept axes, then
// of the reduced ones, innermost first. The reduction is cut in `chunks` of `chunk` elements; partial
// results lie [chunks, n] in out. `main`: one chunk of one output a thread, so that neighbours read
// neighbours where the innermost axis is kept. `grouped`: one a workgroup, for runs along the reduced axis.

// #include common/lanes.wgsl

override OP: u32;

struct Params {
  n: u32, reduced: u32, chunk: u32, chunks: u32,
  scale: f32, kept: u32, gone: u32,
  dims: array<vec4u, 8>,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

fn offsetOf(index: u32, first: u32, stop: u32) -> u32 {
  var rest = index;
  var offset = 0u;
  for (var d = first; d < stop; d++) {
    let dim = params.dims[d];
    let next = rest / dim.x;
    offset += (rest - next * dim.x) * dim.y;
    rest = next;
  }
  return offset;
}

fn reducedOffset(j: u32) -> u32 {
  if (params.gone == 1u) { return j * params.dims[params.kept].y; }
  return offsetOf(j, params.kept, params.kept + params.gone);
}

fn combine(a: f32, b: f32) -> f32 {
  if (OP == 0u) { return a + b; }
  return select(max(a, b), a + b, isNan(a) || isNan(b)); // a NaN stays visible
}

fn finish(a: f32) -> f32 {
  if (OP == 0u) { return a * params.scale; }
  return a;
}

/// Elements from, from + step, … below stop; sums in blocks of 64, so that long ones stay exact.
fn walk(base: u32, first: u32, stop: u32, step: u32) -> f32 {
  var total = 0.0;
  if (OP == 1u) { total = x[base + reducedOffset(min(first, stop - 1u))]; }
  var j = first;
  while (j < stop) {
    let last = min(stop, j + 64u * step);
    var part = total;
    if (OP == 0u) { part = 0.0; }
    for (; j < last; j += step) { part = combine(part, x[base + reducedOffset(j)]); }
    if (OP == 0u) { total += part; } else { total = part; }
  }
  return total;
}

@compute @workgroup_size(WIDTH)
fn main(me: Thread, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = flatIndex(group, groups, me.local, WIDTH);
  if (i >= params.n * params.chunks) { return; }
  let chunk = i / params.n;
  let first = chunk * params.chunk;
  let base = offsetOf(i - chunk * params.n, 0u, params.kept);
  out[i] = finish(walk(base, first, min(first + params.chunk, params.reduced), 1u));
}

const LEAST = -3.4028234e38;

/// `combine` over the workgroup.
fn combineAll(me: Thread, own: f32) -> f32 {
  if (OP == 0u) { return laneSum(me, own); }
  // What subgroups and drivers make of a NaN among maxima is their own affair: it comes back by a sum.
  let largest = laneMax(me, select(own, LEAST, isNan(own)));
  return largest + laneSum(me, select(0.0, own, isNan(own)));
}

@compute @workgroup_size(WIDTH)
fn grouped(me: Thread, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = flatIndex(group, groups, 0u, 1u);
  let inside = i < params.n * params.chunks;
  let item = min(i, params.n * params.chunks - 1u);
  let chunk = item / params.n;
  let first = chunk * params.chunk;
  let base = offsetOf(item - chunk * params.n, 0u, params.kept);
  let own = walk(base, first + me.local, min(first + params.chunk, params.reduced), WIDTH);
  let all = combineAll(me, own);
  if (inside && me.local == 0u) { out[i] = finish(all); }
}
