// The product that the tiled convolutions have in common. A workgroup makes ROWS × COLUMNS sums over k, DEPTH of k
// at a time through workgroup memory; a thread keeps 4×4 or 8×8 of them in registers, so that the eight or
// sixteen vec4s that it reads from there meet 64 or 256 multiply-adds. Four rows are neighbours; four columns lie
// a quarter of the tile apart, so that neighbouring threads store neighbours. A shader fills the tiles with
// keepRows and keepColumns or keepDepths, calls multiply between barriers, and has a storeFour for storeTile.

override ROWS: u32 = 64u;
override COLUMNS: u32 = 64u;
override DEPTH: u32 = 16u;
override SIDE: u32 = 4u; // or 8
override THREADS: u32 = 256u; // ROWS · COLUMNS / SIDE²

override DOWN: u32 = ROWS / 4u; // fours of rows
override ACROSS: u32 = COLUMNS / 4u;
override LANES: u32 = COLUMNS / SIDE; // threads side by side

/// What a thread reads at once. The fifth is empty: neighbours five vec4s apart meet different banks. An array
/// within an array, since of an index that is constant nothing is checked as the shader runs.
alias Four = array<vec4f, 5>;

var<workgroup> tileA: array<Four, DOWN * DEPTH / 4u>; // [4 of k][4 rows]: of each k its rows
var<workgroup> tileB: array<Four, ACROSS * DEPTH / 4u>; // [4 of k][4 columns]: of each k, or of each column, a vec4

/// Rows 4i … 4i + 3 of one k.
fn keepRows(k: u32, i: u32, four: vec4f) {
  tileA[k / 4u * DOWN + i][k % 4u] = four;
}

/// Columns i, i + ACROSS, … of one k, where COLUMNS_OF_K.
fn keepColumns(k: u32, i: u32, four: vec4f) {
  tileB[k / 4u * ACROSS + i][k % 4u] = four;
}

/// k = 4i … 4i + 3 of one column, where not COLUMNS_OF_K.
fn keepDepths(i: u32, column: u32, four: vec4f) {
  tileB[i * ACROSS + column % ACROSS][column / ACROSS] = four;
}

/// Four columns, four of k each, however they are kept.
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

/// Sums of one column and what four of k add to them.
fn meet(sums: vec4f, x: vec4f, w0: vec4f, w1: vec4f, w2: vec4f, w3: vec4f) -> vec4f {
  return sums + x.x * w0 + x.y * w1 + x.z * w2 + x.w * w3;
}

/// Adds what the tiles hold.
fn multiply(local: u32) {
  for (var i = 0u; i < DEPTH / 4u; i++) {
    let a = i * DOWN + local / LANES;
    let b = i * ACROSS + local % LANES;
    let w0 = tileA[a][0];
    let w1 = tileA[a][1];
    let w2 = tileA[a][2];
    let w3 = tileA[a][3];
    let x = columnsAt(b);
    upper0 = meet(upper0, x[0], w0, w1, w2, w3);
    upper1 = meet(upper1, x[1], w0, w1, w2, w3);
    upper2 = meet(upper2, x[2], w0, w1, w2, w3);
    upper3 = meet(upper3, x[3], w0, w1, w2, w3);
    if (SIDE == 8u) {
      let y = columnsAt(b + LANES);
      upper4 = meet(upper4, y[0], w0, w1, w2, w3);
      upper5 = meet(upper5, y[1], w0, w1, w2, w3);
      upper6 = meet(upper6, y[2], w0, w1, w2, w3);
      upper7 = meet(upper7, y[3], w0, w1, w2, w3);
      let v0 = tileA[a + DOWN / 2u][0];
      let v1 = tileA[a + DOWN / 2u][1];
      let v2 = tileA[a + DOWN / 2u][2];
      let v3 = tileA[a + DOWN / 2u][3];
      lower0 = meet(lower0, x[0], v0, v1, v2, v3);
      lower1 = meet(lower1, x[1], v0, v1, v2, v3);
      lower2 = meet(lower2, x[2], v0, v1, v2, v3);
      lower3 = meet(lower3, x[3], v0, v1, v2, v3);
      lower4 = meet(lower4, y[0], v0, v1, v2, v3);
      lower5 = meet(lower5, y[1], v0, v1, v2, v3);
      lower6 = meet(lower6, y[2], v0, v1, v2, v3);
      lower7 = meet(lower7, y[3], v0, v1, v2, v3);
    }
  }
}

/// Stores the sums of the tile whose first row and column these are; `context` is the shader's own.
fn storeTile(context: vec2u, local: u32, row0: u32, column0: u32) {
  let row = row0 + local / LANES * 4u;
  let column = column0 + local % LANES;
  storeFour(context, row, column, upper0);
  storeFour(context, row, column + ACROSS, upper1);
  storeFour(context, row, column + 2u * ACROSS, upper2);
  storeFour(context, row, column + 3u * ACROSS, upper3);
  if (SIDE == 8u) {
    let below = row + ROWS / 2u;
    let right = column + LANES;
    storeFour(context, row, right, upper4);
    storeFour(context, row, right + ACROSS, upper5);
    storeFour(context, row, right + 2u * ACROSS, upper6);
    storeFour(context, row, right + 3u * ACROSS, upper7);
    storeFour(context, below, column, lower0);
    storeFour(context, below, column + ACROSS, lower1);
    storeFour(context, below, column + 2u * ACROSS, lower2);
    storeFour(context, below, column + 3u * ACROSS, lower3);
    storeFour(context, below, right, lower4);
    storeFour(context, below, right + ACROSS, lower5);
    storeFour(context, below, right + 2u * ACROSS, lower6);
    storeFour(context, below, right + 3u * ACROSS, lower7);
  }
}
