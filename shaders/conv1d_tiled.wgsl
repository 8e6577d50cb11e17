// conv1d_tiled: what a Conv1dPlan (ops/conv1d_plan.ts) says: convolution over time, channels last, or one
// residue of its input's gradient, summed over some channels of each group, for GPUs: a matrix product of the
// input as (channel, tap) pairs see it [times, pairs], which is never stored, with the weights [pairs, outputs].
// Its tiles are made in workgroup memory, a thread bringing one pair's inputs at four times, and its weights of
// four outputs, neighbours those of neighbouring pairs. x [B, T, groups · channels], out [B, T', groups · outputs].

// #include common/conv1d.wgsl
// #include common/conv1d_taps.wgsl

const ROWS_OF_K = true;
const COLUMNS_OF_K = true;
const ROWS_FIRST = false;
// #include common/tile_product.wgsl

// Of the tile's rows, where windows begin (time, element) and where output 0 goes: -1 past the last row. Of the
// slice of pairs that is loaded next, how far they reach, and how far their weights lie from an output's first.
var<workgroup> places: array<array<vec3i, 4>, DOWN>;
var<workgroup> pairs: array<vec3i, DEPTH>;

fn placeAt(i: u32, g: u32) -> vec3i {
  let p = params;
  let time = i / p.count * p.outLength + p.first + i % p.count * p.step;
  let out = i32((time * p.groups + g) * p.outputs);
  return vec3i(windowOf(i, g), select(-1, out, i < p.images * p.count));
}

fn prepare(local: u32, k0: u32) {
  if (local < DEPTH) {
    let p = params;
    let k = k0 + local;
    pairs[local] = vec3i(reach(k), i32(k / p.taps) * p.wChannel + i32(k % p.taps) * p.wTap);
  }
}

/// Weight of output `o` that lies at `at` from output 0's first. Past the last output that of the last: it is not
/// stored.
fn weightAt(at: i32, o: u32) -> f32 {
  return wAt(u32(at + i32(min(o, params.outputs - 1u)) * params.wOutput));
}

fn storeAt(place: i32, g: u32, o: u32, sum: f32) {
  if (place < 0) { return; }
  let index = u32(place) + o;
  var value = sum;
  if (BIAS) { value += bias[g * params.outputs + o]; }
  if (ADD) { value += out[index]; }
  out[index] = value;
}

/// `context` is the group and the tile's first row.
fn storeFour(context: vec2u, row: u32, o: u32, sums: vec4f) {
  if (o >= params.outputs) { return; }
  let i = (row - context.y) / 4u;
  storeAt(places[i][0].z, context.x, o, sums.x);
  storeAt(places[i][1].z, context.x, o, sums.y);
  storeAt(places[i][2].z, context.x, o, sums.z);
  storeAt(places[i][3].z, context.x, o, sums.w);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let flat = flatIndex(group, groups, 0u, 1u);
  let rows = p.images * p.count;
  let across = (p.outputs + COLUMNS - 1u) / COLUMNS;
  let down = (rows + ROWS - 1u) / ROWS;
  let o0 = flat % across * COLUMNS;
  let row0 = flat / across % down * ROWS;
  let g = flat / across / down;
  if (g >= p.groups) { return; } // the whole workgroup

  let first = p.firstChannel * p.taps;
  let end = p.endChannel * p.taps;
  // DEPTH divides THREADS: a thread always loads the same pair of a slice.
  let mine = local % DEPTH;
  let weights = p.wFirst + i32(g) * p.wGroup;
  for (var row = local; row < ROWS; row += THREADS) { places[row / 4u][row % 4u] = placeAt(row0 + row, g); }
  prepare(local, first);
  workgroupBarrier();
  for (var k0 = first; k0 < end; k0 += DEPTH) {
    let inside = k0 + mine < end;
    let pair = pairs[min(mine, end - 1u - k0)];
    for (var i = local / DEPTH; i < DOWN; i += THREADS / DEPTH) {
      let a = inputAt(places[i][0].xy, pair.xy);
      let b = inputAt(places[i][1].xy, pair.xy);
      let c = inputAt(places[i][2].xy, pair.xy);
      let d = inputAt(places[i][3].xy, pair.xy);
      keepRows(0u, mine, i, vec4f(a, b, c, d));
    }
    for (var i = local / DEPTH; i < ACROSS; i += THREADS / DEPTH) {
      let at = weights + pair.z;
      let o = o0 + i;
      let four = vec4f(weightAt(at, o), weightAt(at, o + ACROSS), weightAt(at, o + 2u * ACROSS), weightAt(at, o + 3u * ACROSS));
      keepColumns(0u, mine, i, select(vec4f(0.0), four, inside));
    }
    workgroupBarrier();
    prepare(local, k0 + DEPTH);
    multiply(local, 0u);
    workgroupBarrier();
  }
  storeTile(vec2u(g, row0), local, row0, o0);
}
