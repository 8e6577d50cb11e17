// The product that all tiled shaders have in common. A workgroup makes ROWS × COLUMNS sums over k, DEPTH of k at a
// time through workgroup memory; a thread keeps 4×4 or 8×8 of them in registers, so that the eight or sixteen
// vec4s that it reads from there meet 64 or 256 multiply-adds. A shader fills the tiles by the keep… functions,
// calls multiply between barriers, and has a storeFour for storeTile. It says, as constants or overrides,
//   ROWS_OF_K, COLUMNS_OF_K: what it keeps at a time, four rows (columns) of one k, or four k of one row (column);
//   ROWS_FIRST: whether neighbouring threads have neighbouring rows, or neighbouring columns.
// Four rows are always neighbours, since they are a vec4 of sums. Four columns are neighbours where rows come
// first; else they lie a quarter of the tile apart, so that neighbouring threads store neighbours.

override ROWS: u32 = 64u;
override COLUMNS: u32 = 64u;
override DEPTH: u32 = 16u;
override SIDE: u32 = 4u; // or 8
override THREADS: u32 = 256u; // ROWS · COLUMNS / SIDE²
override BUFFERS: u32 = 1u; // pairs of tiles

override DOWN: u32 = ROWS / 4u; // fours of rows
override ACROSS: u32 = COLUMNS / 4u;
override HIGH: u32 = ROWS / SIDE; // threads one below the other
override LANES: u32 = COLUMNS / SIDE; // threads side by side

/// What a thread reads at once. The fifth is empty: neighbours five vec4s apart meet different banks. An array
/// within an array, since of an index that is constant nothing is checked as the shader runs.
alias Four = array<vec4f, 5>;

// [buffer][4 of k][4 rows or columns]: of each k, or of each row or column, a vec4.
var<workgroup> tileA: array<Four, BUFFERS * DOWN * DEPTH / 4u>;
var<workgroup> tileB: array<Four, BUFFERS * ACROSS * DEPTH / 4u>;

/// Where of `buffer` the fours of rows begin that have four of k from 4i on.
fn sliceA(buffer: u32, i: u32) -> u32 {
  return (buffer * (DEPTH / 4u) + i) * DOWN;
}

fn sliceB(buffer: u32, i: u32) -> u32 {
  return (buffer * (DEPTH / 4u) + i) * ACROSS;
}

/// Rows 4i … 4i + 3 of one k, where ROWS_OF_K.
fn keepRows(buffer: u32, k: u32, i: u32, four: vec4f) {
  tileA[sliceA(buffer, k / 4u) + i][k % 4u] = four;
}

/// k = 4i … 4i + 3 of one row, where not ROWS_OF_K.
fn keepRowsDepths(buffer: u32, i: u32, row: u32, four: vec4f) {
  tileA[sliceA(buffer, i) + row / 4u][row % 4u] = four;
}

/// Columns columnOf(i, 0) … columnOf(i, 3) of one k, where COLUMNS_OF_K.
fn keepColumns(buffer: u32, k: u32, i: u32, four: vec4f) {
  tileB[sliceB(buffer, k / 4u) + i][k % 4u] = four;
}

/// k = 4i … 4i + 3 of one column, where not COLUMNS_OF_K.
fn keepColumnsDepths(buffer: u32, i: u32, column: u32, four: vec4f) {
  let at = sliceB(buffer, i);
  if (ROWS_FIRST) {
    tileB[at + column / 4u][column % 4u] = four;
  } else {
    tileB[at + column % ACROSS][column / ACROSS] = four;
  }
}

/// Column j of four.
fn columnOf(i: u32, j: u32) -> u32 {
  return select(i + j * ACROSS, 4u * i + j, ROWS_FIRST);
}

/// The thread's first four of rows, and of columns.
fn foursOf(local: u32) -> vec2u {
  if (ROWS_FIRST) { return vec2u(local % HIGH, local / HIGH); }
  return vec2u(local / LANES, local % LANES);
}

/// Four rows of each of four k, however they are kept.
fn rowsAt(i: u32) -> mat4x4f {
  let four = mat4x4f(tileA[i][0], tileA[i][1], tileA[i][2], tileA[i][3]);
  if (ROWS_OF_K) { return four; }
  return transpose(four);
}

/// Four k of each of four columns.
fn columnsAt(i: u32) -> mat4x4f {
  let four = mat4x4f(tileB[i][0], tileB[i][1], tileB[i][2], tileB[i][3]);
  if (COLUMNS_OF_K) { return transpose(four); }
  return four;
}

// A thread's sums: of each column four rows of the tile, and where SIDE is 8 four more, half a tile below.
var<private> upper0: vec4f;
var<private> upper1: vec4f;
var<private> upper2: vec4f;
var<private> upper3: vec4f;
var<private> upper4: vec4f;
var<private> upper5: vec4f;
var<private> upper6: vec4f;
var<private> upper7: vec4f;
var<private> lower0: vec4f;
var<private> lower1: vec4f;
var<private> lower2: vec4f;
var<private> lower3: vec4f;
var<private> lower4: vec4f;
var<private> lower5: vec4f;
var<private> lower6: vec4f;
var<private> lower7: vec4f;

/// Sums of one column, and what four of k add to them: `x` of the column, `w` of its rows.
fn meet(sums: vec4f, w: mat4x4f, x: vec4f) -> vec4f {
  return sums + x.x * w[0] + x.y * w[1] + x.z * w[2] + x.w * w[3];
}

/// Adds what the tiles of a buffer hold.
fn multiply(local: u32, buffer: u32) {
  let fours = foursOf(local);
  for (var i = 0u; i < DEPTH / 4u; i++) {
    let a = sliceA(buffer, i) + fours.x;
    let b = sliceB(buffer, i) + fours.y;
    let w = rowsAt(a);
    let x = columnsAt(b);
    upper0 = meet(upper0, w, x[0]);
    upper1 = meet(upper1, w, x[1]);
    upper2 = meet(upper2, w, x[2]);
    upper3 = meet(upper3, w, x[3]);
    if (SIDE == 8u) {
      let y = columnsAt(b + LANES);
      upper4 = meet(upper4, w, y[0]);
      upper5 = meet(upper5, w, y[1]);
      upper6 = meet(upper6, w, y[2]);
      upper7 = meet(upper7, w, y[3]);
      let v = rowsAt(a + HIGH);
      lower0 = meet(lower0, v, x[0]);
      lower1 = meet(lower1, v, x[1]);
      lower2 = meet(lower2, v, x[2]);
      lower3 = meet(lower3, v, x[3]);
      lower4 = meet(lower4, v, y[0]);
      lower5 = meet(lower5, v, y[1]);
      lower6 = meet(lower6, v, y[2]);
      lower7 = meet(lower7, v, y[3]);
    }
  }
}

/// Stores the sums of the tile whose first row and column these are; `context` is the shader's own.
fn storeTile(context: vec2u, local: u32, row0: u32, column0: u32) {
  let fours = foursOf(local);
  let row = row0 + 4u * fours.x;
  storeFour(context, row, column0 + columnOf(fours.y, 0u), upper0);
  storeFour(context, row, column0 + columnOf(fours.y, 1u), upper1);
  storeFour(context, row, column0 + columnOf(fours.y, 2u), upper2);
  storeFour(context, row, column0 + columnOf(fours.y, 3u), upper3);
  if (SIDE == 8u) {
    let below = row + 4u * HIGH;
    let right = fours.y + LANES;
    storeFour(context, row, column0 + columnOf(right, 0u), upper4);
    storeFour(context, row, column0 + columnOf(right, 1u), upper5);
    storeFour(context, row, column0 + columnOf(right, 2u), upper6);
    storeFour(context, row, column0 + columnOf(right, 3u), upper7);
    storeFour(context, below, column0 + columnOf(fours.y, 0u), lower0);
    storeFour(context, below, column0 + columnOf(fours.y, 1u), lower1);
    storeFour(context, below, column0 + columnOf(fours.y, 2u), lower2);
    storeFour(context, below, column0 + columnOf(fours.y, 3u), lower3);
    storeFour(context, below, column0 + columnOf(right, 0u), lower4);
    storeFour(context, below, column0 + columnOf(right, 1u), lower5);
    storeFour(context, below, column0 + columnOf(right, 2u), lower6);
    storeFour(context, below, column0 + columnOf(right, 3u), lower7);
  }
}
