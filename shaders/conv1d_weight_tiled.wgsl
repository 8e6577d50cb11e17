// conv1d_weight_tiled: gradient of the weights [groups · outputs, channels, taps] of a convolution over
// time (Conv1dPlan) by chunks of times, for GPUs: a matrix product of the output's gradient [outputs, times] with
// the input as (channel, tap) pairs see it [times, pairs]: [chunk][weights]; sum_chunks adds the chunks. Its tiles
// are made in workgroup memory, a thread bringing one time's gradients of four outputs, and its inputs under four
// pairs, neighbours those of neighbouring outputs and pairs.

// #include common/conv1d_weight.wgsl
// #include common/conv1d_taps.wgsl

const ROWS_OF_K = true;
const COLUMNS_OF_K = true;
const ROWS_FIRST = false;
// #include common/tile_product.wgsl

// How far the tile's pairs reach, column by column of a thread, and of the slice of times that is loaded next
// where windows begin (time, element).
var<workgroup> pairs: array<array<vec2i, 4>, ACROSS>;
var<workgroup> places: array<vec2i, DEPTH>;

fn prepare(local: u32, group: u32, first: u32) {
  if (local < DEPTH) { places[local] = windowOf(first + local, group); }
}

/// Gradients of outputs o … o + 3 at time `i`. Past the last output those of the last: they are not stored.
fn fourGradients(i: u32, group: u32, o: u32) -> vec4f {
  let last = params.outputs - 1u;
  let a = gradient(i, group, min(o, last));
  let b = gradient(i, group, min(o + 1u, last));
  let c = gradient(i, group, min(o + 2u, last));
  let d = gradient(i, group, min(o + 3u, last));
  return vec4f(a, b, c, d);
}

fn storeAt(row: u32, o: u32, k: u32, sum: f32) {
  let columns = params.channels * params.taps;
  if (o < params.outputs && k < columns) { partial[(row + o) * columns + k] = sum; }
}

/// `context.x` is the row of the chunk's and the group's first output.
fn storeFour(context: vec2u, o: u32, k: u32, sums: vec4f) {
  storeAt(context.x, o, k, sums.x);
  storeAt(context.x, o + 1u, k, sums.y);
  storeAt(context.x, o + 2u, k, sums.z);
  storeAt(context.x, o + 3u, k, sums.w);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let flat = flatIndex(group, groups, 0u, 1u);
  let across = (p.channels * p.taps + COLUMNS - 1u) / COLUMNS;
  let down = (p.outputs + ROWS - 1u) / ROWS;
  let k0 = flat % across * COLUMNS;
  let o0 = flat / across % down * ROWS;
  let rest = flat / across / down;
  let which = rest % p.groups;
  let chunk = rest / p.groups;
  if (chunk >= p.chunks) { return; } // the whole workgroup

  let first = chunk * p.chunk;
  let end = min(first + p.chunk, p.images * p.count);
  for (var k = local; k < COLUMNS; k += THREADS) { pairs[k % ACROSS][k / ACROSS] = reach(k0 + k); }
  prepare(local, which, first);
  workgroupBarrier();
  for (var i0 = first; i0 < end; i0 += DEPTH) {
    // Past the chunk there are no gradients, so that inputs do not matter; the last time's stand in.
    let last = end - 1u - i0;
    for (var e = local; e < DEPTH * DOWN; e += THREADS) {
      let i = e / DOWN;
      let four = fourGradients(i0 + min(i, last), which, o0 + 4u * (e % DOWN));
      keepRows(0u, i, e % DOWN, select(vec4f(0.0), four, i <= last));
    }
    for (var e = local; e < DEPTH * ACROSS; e += THREADS) {
      let i = e / ACROSS;
      let at = places[min(i, last)];
      let column = e % ACROSS;
      let a = inputAt(at, pairs[column][0]);
      let b = inputAt(at, pairs[column][1]);
      let c = inputAt(at, pairs[column][2]);
      let d = inputAt(at, pairs[column][3]);
      keepColumns(0u, i, column, vec4f(a, b, c, d));
    }
    workgroupBarrier();
    prepare(local, which, i0 + DEPTH);
    multiply(local, 0u);
    workgroupBarrier();
  }
  storeTile(vec2u((chunk * p.groups + which) * p.outputs, 0u), local, o0, k0);
}
