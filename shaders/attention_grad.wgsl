// attention_grad: gradients of attention (see attention.wgsl), D ≤ 16 · SHARE. A workgroup takes 128 / SHARE rows
// of one head and goes through the other side TILE rows at a time in workgroup memory.
//   KEYS false: rows are queries, a = (q, g), b = (k, v);  out1 = dq = scale · Σ ds · k
//   KEYS true:  rows are keys,    a = (k, v), b = (q, g);  out1 = dk = scale · Σ ds · q,  out2 = dv = Σ p′ · g
// with p = exp(scale · q · k − lse), p′ = p after dropout, ds = p′ · (g · v) − p · delta; stats holds lse and
// delta of every query. SHARE threads share two rows, each with 16 channels (vec4s c · SHARE + lane) of both.

// #include common/attention.wgsl

override KEYS: bool;

@group(0) @binding(0) var<storage, read> a1: array<u32>;
@group(0) @binding(1) var<storage, read> a2: array<u32>;
@group(0) @binding(2) var<storage, read> b1: array<u32>;
@group(0) @binding(3) var<storage, read> b2: array<u32>;
@group(0) @binding(4) var<storage, read> stats: array<vec2f>;
@group(0) @binding(5) var<storage, read> lengths: array<i32>;
@group(0) @binding(6) var<storage, read_write> out1: array<f32>;
@group(0) @binding(7) var<storage, read_write> out2: array<f32>;

fn a1At(at: u32, d: u32) -> vec4f {
  let w = wordOf(at + d);
  return fourOf(vec4u(a1[w], a1[w + 1u], a1[w + 2u], a1[w + 3u]), at, d);
}

fn a2At(at: u32, d: u32) -> vec4f {
  let w = wordOf(at + d);
  return fourOf(vec4u(a2[w], a2[w + 1u], a2[w + 2u], a2[w + 3u]), at, d);
}

fn b1At(at: u32, d: u32) -> vec4f {
  let w = wordOf(at + d);
  return fourOf(vec4u(b1[w], b1[w + 1u], b1[w + 2u], b1[w + 3u]), at, d);
}

fn b2At(at: u32, d: u32) -> vec4f {
  let w = wordOf(at + d);
  return fourOf(vec4u(b2[w], b2[w + 1u], b2[w + 2u], b2[w + 3u]), at, d);
}

fn store1(at: u32, d: u32, x: vec4f) {
  for (var e = 0u; e < min(4u, params.D - min(d, params.D)); e++) { out1[at + d + e] = x[e]; }
}

fn store2(at: u32, d: u32, x: vec4f) {
  for (var e = 0u; e < min(4u, params.D - min(d, params.D)); e++) { out2[at + d + e] = x[e]; }
}

override TILE: u32 = 8u; // rows of the other side, SHARE at least
override ROWS: u32 = 128u / SHARE; // rows a workgroup
override OWN: u32 = TILE / SHARE; // rows of the other side whose probabilities a thread makes

var<workgroup> tile1: array<vec4f, TILE * WIDE>; // [row][vec4 of channels]
var<workgroup> tile2: array<vec4f, TILE * WIDE>;
var<workgroup> cells: array<vec4f, 64u / SHARE * GROUP>; // [group of threads][row][lane]: parts of both scores, both g · v

fn load1(base: u32, row: u32, pitch: u32, lane: u32) -> mat4x4f {
  if (row >= params.T) { return mat4x4f(); }
  let at = base + row * pitch;
  let d = 4u * lane;
  return mat4x4f(a1At(at, d), a1At(at, d + WIDE), a1At(at, d + 2u * WIDE), a1At(at, d + 3u * WIDE)) * params.scale;
}

fn load2(base: u32, row: u32, pitch: u32, lane: u32) -> mat4x4f {
  if (row >= params.T) { return mat4x4f(); }
  let at = base + row * pitch;
  let d = 4u * lane;
  return mat4x4f(a2At(at, d), a2At(at, d + WIDE), a2At(at, d + 2u * WIDE), a2At(at, d + 3u * WIDE));
}

fn storeRow(base: u32, row: u32, pitch: u32, lane: u32, sums1: mat4x4f, sums2: mat4x4f) {
  if (row >= params.T) { return; }
  let at = base + row * pitch;
  for (var c = 0u; c < 4u; c++) {
    store1(at, c * WIDE + 4u * lane, sums1[c] * params.scale);
    if (KEYS) { store2(at, c * WIDE + 4u * lane, sums2[c]); }
  }
}

/// Σ over the thread's channels of x · y.
fn part(x: mat4x4f, y: mat4x4f) -> f32 {
  let sum = x[0] * y[0] + x[1] * y[1] + x[2] * y[2] + x[3] * y[3];
  return sum.x + sum.y + sum.z + sum.w;
}

fn statOf(matrix: u32, i: u32) -> vec2f {
  if (i >= params.T) { return vec2f(0.0); }
  return stats[matrix * params.T + i];
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = flatIndex(group, groups, 0u, 1u);
  let across = (params.T + ROWS - 1u) / ROWS;
  let matrix = flat / across;
  if (matrix >= params.matrices) { return; } // the whole workgroup
  let clip = matrix / params.heads;
  let pitch = params.heads * params.D;
  let base = clip * params.T * pitch + matrix % params.heads * params.D;
  var n = params.T;
  if (MASKED) { n = u32(clamp(lengths[clip], 0, i32(params.T))); }
  let lane = local % SHARE;
  let own = local / SHARE * GROUP;
  let row = flat % across * ROWS + local / SHARE * 2u;
  let xA = load1(base, row, pitch, lane);
  let xB = load1(base, row + 1u, pitch, lane);
  let yA = load2(base, row, pitch, lane);
  let yB = load2(base, row + 1u, pitch, lane);
  let statA = statOf(matrix, row);
  let statB = statOf(matrix, row + 1u);
  var sums1A = mat4x4f();
  var sums1B = mat4x4f();
  var sums2A = mat4x4f();
  var sums2B = mat4x4f();
  var others = n;
  if (KEYS) { others = select(0u, params.T, flat % across * ROWS < n); }
  for (var first = 0u; first < others; first += TILE) {
    for (var e = local; e < TILE * WIDE; e += 64u) {
      let other = first + e / WIDE;
      var one = vec4f(0.0);
      var two = vec4f(0.0);
      if (other < others) {
        one = b1At(base + other * pitch, e % WIDE * 4u);
        two = b2At(base + other * pitch, e % WIDE * 4u);
      }
      tile1[e] = one;
      tile2[e] = two;
    }
    workgroupBarrier();
    for (var e = 0u; e < TILE; e++) {
      let at = e * WIDE + lane;
      let one = mat4x4f(tile1[at], tile1[at + SHARE], tile1[at + 2u * SHARE], tile1[at + 3u * SHARE]);
      let two = mat4x4f(tile2[at], tile2[at + SHARE], tile2[at + 2u * SHARE], tile2[at + 3u * SHARE]);
      cells[own + e * SHARE + lane] = vec4f(part(xA, one), part(xB, one), part(yA, two), part(yB, two));
    }
    workgroupBarrier();
    for (var e = lane * OWN; e < (lane + 1u) * OWN; e++) {
      let other = first + e;
      let at = own + e * SHARE;
      var sum = vec4f(0.0);
      for (var c = 0u; c < SHARE; c++) { sum += cells[at + c]; }
      var lse = vec2f(statA.x, statB.x);
      var delta = vec2f(statA.y, statB.y);
      if (KEYS) {
        let stat = statOf(matrix, other);
        lse = vec2f(stat.x);
        delta = vec2f(stat.y);
      }
      let p = exp(sum.xy - lse);
      var kept = p * params.keep;
      if (DROPOUT) {
        // The pair of keys that share a block is rows A and B, or other row e and its neighbour.
        var words = vec2u(0u);
        if (KEYS) {
          words = maskWords(matrix, other, row / 2u);
        } else {
          words = vec2u(
            maskWords(matrix, row, other / 2u)[other & 1u],
            maskWords(matrix, row + 1u, other / 2u)[other & 1u],
          );
        }
        kept = select(kept, vec2f(0.0), words < vec2u(params.threshold));
      }
      let both = vec4f(kept * sum.zw - p * delta, kept);
      cells[at] = select(vec4f(0.0), both, other < others);
    }
    workgroupBarrier();
    for (var e = 0u; e < TILE; e++) {
      let at = e * WIDE + lane;
      let factor = cells[own + e * SHARE];
      let one = mat4x4f(tile1[at], tile1[at + SHARE], tile1[at + 2u * SHARE], tile1[at + 3u * SHARE]);
      sums1A += one * factor.x;
      sums1B += one * factor.y;
      if (KEYS) {
        let two = mat4x4f(tile2[at], tile2[at + SHARE], tile2[at + 2u * SHARE], tile2[at + 3u * SHARE]);
        sums2A += two * factor.z;
        sums2B += two * factor.w;
      }
    }
    workgroupBarrier();
  }
  // Keys past the length share a workgroup with others, but get nothing.
  if (KEYS && row >= n) {
    sums1A = mat4x4f();
    sums2A = mat4x4f();
  }
  if (KEYS && row + 1u >= n) {
    sums1B = mat4x4f();
    sums2B = mat4x4f();
  }
  storeRow(base, row, pitch, lane, sums1A, sums2A);
  storeRow(base, row + 1u, pitch, lane, sums1B, sums2B);
}
