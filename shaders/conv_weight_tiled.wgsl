// conv_weight_tiled: partial gradients of weights and bias of a convolution (ConvPlan), for GPUs: a
// matrix product of the output's gradient [outputs, positions] with the input as taps see it
// [positions, taps], over chunks of positions: [chunk][weights, then biases]; sum_chunks adds the chunks. Its
// tiles are made in workgroup memory, a thread bringing one position's gradients of four outputs, and its inputs
// under four taps.

// #include common/conv_weight.wgsl
// #include common/conv_taps.wgsl

const ROWS_OF_K = true;
const COLUMNS_OF_K = true;
const ROWS_FIRST = false;
// #include common/tile_product.wgsl

// How far the tile's taps reach, column by column of a thread, and of the slice of positions that is loaded next
// where windows begin (row, column, element) and gradients of output 0 lie.
var<workgroup> taps: array<array<vec4i, 4>, ACROSS>;
var<workgroup> places: array<vec4i, DEPTH>;

fn prepare(local: u32, group: u32, first: u32) {
  if (local < DEPTH) {
    let p = params;
    let at = place(first + local);
    let plane = i32(at.x * p.groups + group);
    let y = i32(at.y) * p.strideY - p.top;
    let x = i32(at.z) * p.strideX - p.left;
    let gradients = (plane * i32(p.outputs * p.rows) + i32(at.y)) * i32(p.columns) + i32(at.z);
    places[local] = vec4i(y, x, (plane * i32(p.channels) * p.height + y) * p.width + x, gradients);
  }
}

/// Gradient of output `o` where output 0's lies at `at`. Past the last output that of the last: it is not stored.
fn gradientAt(at: i32, o: u32) -> f32 {
  let p = params;
  return gAt(u32(at) + min(o, p.outputs - 1u) * p.rows * p.columns);
}

fn fourGradients(at: i32, o: u32) -> vec4f {
  return vec4f(gradientAt(at, o), gradientAt(at, o + 1u), gradientAt(at, o + 2u), gradientAt(at, o + 3u));
}

/// `context` is the group and the chunk.
fn storeFour(context: vec2u, o: u32, k: u32, sums: vec4f) {
  store(context.y, context.x, o, k, sums.x);
  store(context.y, context.x, o + 1u, k, sums.y);
  store(context.y, context.x, o + 2u, k, sums.z);
  store(context.y, context.x, o + 3u, k, sums.w);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let flat = flatIndex(group, groups, 0u, 1u);
  let across = (p.channels * p.high * p.wide + COLUMNS) / COLUMNS; // with the bias
  let down = (p.outputs + ROWS - 1u) / ROWS;
  let k0 = flat % across * COLUMNS;
  let o0 = flat / across % down * ROWS;
  let rest = flat / across / down;
  let which = rest % p.groups;
  let chunk = rest / p.groups;
  if (chunk >= p.chunks) { return; } // the whole workgroup

  // DEPTH divides THREADS: a thread always loads the same position of a slice.
  let mine = local % DEPTH;
  let first = chunk * p.chunk;
  let end = min(first + p.chunk, p.images * p.rows * p.columns);
  for (var k = local; k < COLUMNS; k += THREADS) { taps[k % ACROSS][k / ACROSS] = reach(tapOf(k0 + k)); }
  prepare(local, which, first);
  workgroupBarrier();
  for (var i0 = first; i0 < end; i0 += DEPTH) {
    // Past the chunk there are no gradients, so that inputs do not matter; the last position's stand in.
    let inside = i0 + mine < end;
    let at = places[min(mine, end - 1u - i0)];
    for (var i = local / DEPTH; i < DOWN; i += THREADS / DEPTH) {
      keepRows(0u, mine, i, select(vec4f(0.0), fourGradients(at.w, o0 + 4u * i), inside));
    }
    for (var i = local / DEPTH; i < ACROSS; i += THREADS / DEPTH) {
      keepColumns(0u, mine, i, fourInputs(at.xyz, taps[i][0], taps[i][1], taps[i][2], taps[i][3]));
    }
    workgroupBarrier();
    prepare(local, which, i0 + DEPTH);
    multiply(local, 0u);
    workgroupBarrier();
  }
  storeTile(vec2u(which, chunk), local, o0, k0);
}
