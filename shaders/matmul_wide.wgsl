// matmul_wide: matmul_tiled for products whose rows are whole vec4s, with and without transposition: a vec4 of
// memory is a vec4 of a tile, and one of sums a vec4 of the result. The result's columns are the tiles' rows, a's
// rows the tiles' columns. With two pairs of tiles, the next turn's vec4s are on their way from memory to registers
// while this turn's are multiplied, and are kept behind it in the pair that nobody reads: one barrier a turn.

// #include common/matmul.wgsl

override ROWS_OF_K: bool = !TRANSPOSE_B;
override COLUMNS_OF_K: bool = TRANSPOSE_A;
const ROWS_FIRST = true;
// Vec4s of a tile that a thread brings, 1 to 4.
override MINE_A: u32 = COLUMNS * DEPTH / 4u / THREADS;
override MINE_B: u32 = ROWS * DEPTH / 4u / THREADS;
// #include common/tile_product.wgsl

@group(0) @binding(0) var<storage, read> a: array<vec4u>; // of f32, or of twice as many halves
@group(0) @binding(1) var<storage, read> b: array<vec4u>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;

/// Elements 4i … 4i + 3 of an array whose words 4 · (HALF ? i / 2 : i) and on these are.
fn fourOf(words: vec4u, i: u32) -> vec4f {
  if (!HALF) { return bitcast<vec4f>(words); }
  let two = select(words.xy, words.zw, (i & 1u) == 1u);
  return vec4f(unpack2x16float(two.x), unpack2x16float(two.y));
}

fn aAt(i: u32) -> vec4f {
  return fourOf(a[select(i, i / 2u, HALF)], i);
}

fn bAt(i: u32) -> vec4f {
  return fourOf(b[select(i, i / 2u, HALF)], i);
}

/// Four columns of the result's row; they come in whole vec4s. `context.x` is its matrix.
fn storeFour(context: vec2u, column: u32, row: u32, sums: vec4f) {
  if (row >= params.m || column >= params.n) { return; }
  var value = sums;
  if (BIAS) { value += vec4f(bias[column], bias[column + 1u], bias[column + 2u], bias[column + 3u]); }
  if (RELU) { value = select(value, vec4f(0.0), value < vec4f(0.0)); }
  out[((context.x * params.m + row) * params.n + column) / 4u] = value;
}

/// Where a tile begins: of `outer` rows of m or n, and in k, which ends at `end`.
struct Tile { base: u32, outer: u32, k: u32, end: u32 }

/// Vec4 `e` of a's tile: four k of a row, or where it is transposed four rows of one k.
fn fetchA(t: Tile, e: u32) -> vec4f {
  var place = vec2u(t.outer + e / (DEPTH / 4u), t.k + e % (DEPTH / 4u) * 4u);
  var at = place.x * params.k + place.y;
  if (TRANSPOSE_A) {
    place = vec2u(t.outer + e % ACROSS * 4u, t.k + e / ACROSS);
    at = place.y * params.m + place.x;
  }
  let inside = place.x < params.m && place.y < t.end;
  return select(vec4f(0.0), aAt((t.base + select(0u, at, inside)) / 4u), inside);
}

/// Vec4 `e` of b's tile: four columns of one k, or where it is transposed four k of a column.
fn fetchB(t: Tile, e: u32) -> vec4f {
  var place = vec2u(t.outer + e % DOWN * 4u, t.k + e / DOWN);
  var at = place.y * params.n + place.x;
  if (TRANSPOSE_B) {
    place = vec2u(t.outer + e / (DEPTH / 4u), t.k + e % (DEPTH / 4u) * 4u);
    at = place.x * params.k + place.y;
  }
  let inside = place.x < params.n && place.y < t.end;
  return select(vec4f(0.0), bAt((t.base + select(0u, at, inside)) / 4u), inside);
}

fn keepA(buffer: u32, e: u32, four: vec4f) {
  if (TRANSPOSE_A) {
    keepColumns(buffer, e / ACROSS, e % ACROSS, four);
  } else {
    keepColumnsDepths(buffer, e % (DEPTH / 4u), e / (DEPTH / 4u), four);
  }
}

fn keepB(buffer: u32, e: u32, four: vec4f) {
  if (TRANSPOSE_B) {
    keepRowsDepths(buffer, e % (DEPTH / 4u), e / (DEPTH / 4u), four);
  } else {
    keepRows(buffer, e / DOWN, e % DOWN, four);
  }
}

/// On the way from memory to a tile.
struct Fetched { a: mat4x4f, b: mat4x4f }

fn fetch(a: Tile, b: Tile, local: u32) -> Fetched {
  var found: Fetched;
  found.a[0] = fetchA(a, local);
  found.b[0] = fetchB(b, local);
  if (MINE_A > 1u) { found.a[1] = fetchA(a, local + THREADS); }
  if (MINE_B > 1u) { found.b[1] = fetchB(b, local + THREADS); }
  if (MINE_A > 2u) { found.a[2] = fetchA(a, local + 2u * THREADS); }
  if (MINE_B > 2u) { found.b[2] = fetchB(b, local + 2u * THREADS); }
  if (MINE_A > 3u) { found.a[3] = fetchA(a, local + 3u * THREADS); }
  if (MINE_B > 3u) { found.b[3] = fetchB(b, local + 3u * THREADS); }
  return found;
}

fn keep(buffer: u32, local: u32, found: Fetched) {
  keepA(buffer, local, found.a[0]);
  keepB(buffer, local, found.b[0]);
  if (MINE_A > 1u) { keepA(buffer, local + THREADS, found.a[1]); }
  if (MINE_B > 1u) { keepB(buffer, local + THREADS, found.b[1]); }
  if (MINE_A > 2u) { keepA(buffer, local + 2u * THREADS, found.a[2]); }
  if (MINE_B > 2u) { keepB(buffer, local + 2u * THREADS, found.b[2]); }
  if (MINE_A > 3u) { keepA(buffer, local + 3u * THREADS, found.a[3]); }
  if (MINE_B > 3u) { keepB(buffer, local + 3u * THREADS, found.b[3]); }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = flatIndex(group, groups, 0u, 1u);
  let across = (params.n + ROWS - 1u) / ROWS;
  let down = (params.m + COLUMNS - 1u) / COLUMNS;
  let column0 = flat % across * ROWS;
  let row0 = flat / across % down * COLUMNS;
  let rest = flat / across / down;
  let slice = rest / params.matrices;
  if (slice >= params.slices) { return; } // the whole workgroup

  let pair = operands(rest % params.matrices);
  let first = slice * params.slice;
  let end = min(first + params.slice, params.k);
  var a = Tile(pair.x * params.m * params.k, row0, first, end);
  var b = Tile(pair.y * params.k * params.n, column0, first, end);
  var buffer = 0u;
  keep(buffer, local, fetch(a, b, local));
  workgroupBarrier();
  for (var k0 = first; k0 < end; k0 += DEPTH) {
    a.k = k0 + DEPTH;
    b.k = k0 + DEPTH;
    if (BUFFERS == 1u) {
      multiply(local, 0u);
      workgroupBarrier();
      keep(0u, local, fetch(a, b, local));
    } else {
      let next = fetch(a, b, local);
      multiply(local, buffer);
      buffer = 1u - buffer;
      keep(buffer, local, next);
    }
    workgroupBarrier();
  }
  storeTile(vec2u(rest, 0u), local, column0, row0);
}
