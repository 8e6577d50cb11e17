// conv_tiled: what a ConvPlan (ops/conv_plan.ts) says, for GPUs: a matrix product of the weights
// [outputs, taps] with the input as taps see it [taps, positions], which is never stored: its tiles are made in
// workgroup memory, a thread bringing one position's inputs under four taps at a time.
// x [N, groups·channels, H, W], out [N, groups·outputs, OH, OW].

override BIAS: bool;
override RELU: bool;
// #include common/conv.wgsl
// #include common/conv_taps.wgsl

const ROWS_OF_K = true;
const COLUMNS_OF_K = false;
const ROWS_FIRST = false;
// #include common/tile_product.wgsl

// Of the slice that is loaded next: how far its taps reach, and how far their weights lie from an output's first.
var<workgroup> taps: array<array<vec4i, 4>, DEPTH / 4u>;
var<workgroup> offsets: array<i32, DEPTH>;

fn prepare(local: u32, k0: u32) {
  if (local < DEPTH) {
    let tap = tapOf(k0 + local);
    let t = vec3i(tap);
    taps[local / 4u][local % 4u] = reach(tap);
    offsets[local] = t.x * params.wChannel + t.y * params.wRow + t.z * params.wColumn;
  }
}

/// Weight of output `o` that lies at `at` from output 0's first; zero past the last output.
fn weightAt(at: i32, o: u32) -> f32 {
  let last = params.outputs - 1u;
  return select(0.0, wAt(u32(at + i32(min(o, last)) * params.wOutput)), o <= last);
}

fn fourWeights(at: i32, o: u32) -> vec4f {
  return vec4f(weightAt(at, o), weightAt(at, o + 1u), weightAt(at, o + 2u), weightAt(at, o + 3u));
}

fn storeFour(context: vec2u, o: u32, position: u32, sums: vec4f) {
  let p = params;
  if (position >= p.images * p.rows * p.columns) { return; }
  let at = outputAt(context.x, position);
  for (var j = 0u; j < min(4u, p.outputs - min(o, p.outputs)); j++) { storeAt(at, context.x, o + j, sums[j]); }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let flat = flatIndex(group, groups, 0u, 1u);
  let positions = p.images * p.rows * p.columns;
  let across = (positions + COLUMNS - 1u) / COLUMNS;
  let down = (p.outputs + ROWS - 1u) / ROWS;
  let position0 = flat % across * COLUMNS;
  let o0 = flat / across % down * ROWS;
  let g = flat / across / down;
  if (g >= p.groups) { return; } // the whole workgroup

  // COLUMNS and DEPTH divide THREADS: a thread always loads the same position, and the same tap of a slice.
  let mine = local % COLUMNS;
  let window = origin(min(position0 + mine, positions - 1u), g);
  let at = vec3i(window.yz, (window.x * p.height + window.y) * p.width + window.z);
  let tap = local % DEPTH;
  let weights = p.wFirst + i32(g) * p.wGroup;
  let count = p.channels * p.high * p.wide;
  prepare(local, 0u);
  workgroupBarrier();
  for (var k0 = 0u; k0 < count; k0 += DEPTH) {
    for (var i = local / DEPTH; i < DOWN; i += THREADS / DEPTH) {
      var four = vec4f(0.0);
      if (k0 + tap < count) { four = fourWeights(weights + offsets[tap], o0 + 4u * i); }
      keepRows(0u, tap, i, four);
    }
    for (var i = local / COLUMNS; i < DEPTH / 4u; i += THREADS / COLUMNS) {
      keepColumnsDepths(0u, i, mine, fourInputs(at, taps[i][0], taps[i][1], taps[i][2], taps[i][3]));
    }
    workgroupBarrier();
    prepare(local, k0 + DEPTH);
    multiply(local, 0u);
    workgroupBarrier();
  }
  storeTile(vec2u(g, 0u), local, o0, position0);
}
