// matmul_tiled: out[slice, batch, m, n] = a · b over a slice of k (+ bias) (then ReLU), for GPUs, of any shape:
// operands are read one element at a time, a thread bringing four rows or columns of one k to the tiles in
// workgroup memory. Neighbouring threads read neighbouring elements, whichever way a matrix lies.

// #include common/matmul_rows.wgsl

const ROWS_OF_K = true;
const COLUMNS_OF_K = true;
const ROWS_FIRST = false;
// #include common/tile_product.wgsl

/// Element of a [m, k] or, transposed, [k, m]; zero outside. No branch: several loads are under way at once.
fn aIn(base: u32, row: u32, k: u32, end: u32) -> f32 {
  let inside = row < params.m && k < end;
  let at = select(row * params.k + k, k * params.m + row, TRANSPOSE_A);
  return select(0.0, aAt(base + select(0u, at, inside)), inside);
}

/// The same of b [k, n] or, transposed, [n, k].
fn bIn(base: u32, k: u32, column: u32, end: u32) -> f32 {
  let inside = column < params.n && k < end;
  let at = select(k * params.n + column, column * params.k + k, TRANSPOSE_B);
  return select(0.0, bAt(base + select(0u, at, inside)), inside);
}

/// `context.x` is the matrix of the result.
fn storeFour(context: vec2u, row: u32, column: u32, sums: vec4f) {
  if (column >= params.n) { return; }
  var values = sums;
  if (BIAS) { values += bias[column]; }
  if (RELU) { values = select(values, vec4f(0.0), values < vec4f(0.0)); }
  let at = (context.x * params.m + row) * params.n + column;
  if (row < params.m) { out[at] = values.x; }
  if (row + 1u < params.m) { out[at + params.n] = values.y; }
  if (row + 2u < params.m) { out[at + 2u * params.n] = values.z; }
  if (row + 3u < params.m) { out[at + 3u * params.n] = values.w; }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = flatIndex(group, groups, 0u, 1u);
  let across = (params.n + COLUMNS - 1u) / COLUMNS;
  let down = (params.m + ROWS - 1u) / ROWS;
  let column0 = flat % across * COLUMNS;
  let row0 = flat / across % down * ROWS;
  let rest = flat / across / down;
  let slice = rest / params.matrices;
  if (slice >= params.slices) { return; } // the whole workgroup

  let pair = operands(rest % params.matrices);
  let baseA = pair.x * params.m * params.k;
  let baseB = pair.y * params.k * params.n;
  let first = slice * params.slice;
  let end = min(first + params.slice, params.k);
  for (var k0 = first; k0 < end; k0 += DEPTH) {
    for (var e = local; e < DOWN * DEPTH; e += THREADS) {
      let k = select(e % DEPTH, e / DOWN, TRANSPOSE_A);
      let i = select(e / DEPTH, e % DOWN, TRANSPOSE_A);
      let row = row0 + 4u * i;
      let at = k0 + k;
      let four = vec4f(aIn(baseA, row, at, end), aIn(baseA, row + 1u, at, end), aIn(baseA, row + 2u, at, end), aIn(baseA, row + 3u, at, end));
      keepRows(0u, k, i, four);
    }
    for (var e = local; e < ACROSS * DEPTH; e += THREADS) {
      let k = select(e / ACROSS, e % DEPTH, TRANSPOSE_B);
      let i = select(e % ACROSS, e / DEPTH, TRANSPOSE_B);
      let column = column0 + i;
      let at = k0 + k;
      let four = vec4f(bIn(baseB, at, column, end), bIn(baseB, at, column + ACROSS, end), bIn(baseB, at, column + 2u * ACROSS, end), bIn(baseB, at, column + 3u * ACROSS, end));
      keepColumns(0u, k, i, four);
    }
    workgroupBarrier();
    multiply(local, 0u);
    workgroupBarrier();
  }
  storeTile(vec2u(rest, 0u), local, row0, column0);
}
