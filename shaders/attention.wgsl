// attention: out = softmax(scale · q kᵀ) v of every head. q, k, v, out [B, T, heads · D], D ≤ 16 · SHARE; lse
// [B, heads, T] is each row's log-sum-exp. A workgroup takes 256 / SHARE queries of one head and goes through
// the keys TILE at a time in workgroup memory. SHARE threads share four queries: each keeps 16 channels (vec4s
// c · SHARE + lane) of all four in registers, so that a vec4 read of a key meets 16 multiply-adds; their
// parts of the scores meet in workgroup memory, and each thread makes probabilities of some of the keys.

// #include common/attention.wgsl

@group(0) @binding(0) var<storage, read> q: array<u32>;
@group(0) @binding(1) var<storage, read> k: array<u32>;
@group(0) @binding(2) var<storage, read> v: array<u32>;
@group(0) @binding(3) var<storage, read> lengths: array<i32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
@group(0) @binding(5) var<storage, read_write> lse: array<f32>;

fn qAt(at: u32, d: u32) -> vec4f {
  let w = wordOf(at + d);
  return fourOf(vec4u(q[w], q[w + 1u], q[w + 2u], q[w + 3u]), at, d);
}

fn kAt(at: u32, d: u32) -> vec4f {
  let w = wordOf(at + d);
  return fourOf(vec4u(k[w], k[w + 1u], k[w + 2u], k[w + 3u]), at, d);
}

fn vAt(at: u32, d: u32) -> vec4f {
  let w = wordOf(at + d);
  return fourOf(vec4u(v[w], v[w + 1u], v[w + 2u], v[w + 3u]), at, d);
}

fn store4(at: u32, d: u32, x: vec4f) {
  for (var e = 0u; e < min(4u, params.D - min(d, params.D)); e++) { out[at + d + e] = x[e]; }
}

override TILE: u32 = 8u; // keys, SHARE at least
override ROWS: u32 = 256u / SHARE; // queries a workgroup
override OWN: u32 = TILE / SHARE; // keys a thread makes probabilities of

var<workgroup> keys: array<vec4f, TILE * WIDE>; // [key][vec4 of channels]
var<workgroup> values: array<vec4f, TILE * WIDE>;
var<workgroup> cells: array<vec4f, 64u / SHARE * GROUP>; // [group of threads][key][lane]: a score's part for each query

fn loadQuery(base: u32, row: u32, pitch: u32, lane: u32) -> mat4x4f {
  if (row >= params.T) { return mat4x4f(); }
  let at = base + row * pitch;
  let d = 4u * lane;
  return mat4x4f(qAt(at, d), qAt(at, d + WIDE), qAt(at, d + 2u * WIDE), qAt(at, d + 3u * WIDE)) * params.scale;
}

fn storeQuery(base: u32, row: u32, pitch: u32, lane: u32, sums: mat4x4f) {
  if (row >= params.T) { return; }
  let at = base + row * pitch;
  for (var c = 0u; c < 4u; c++) { store4(at, c * WIDE + 4u * lane, sums[c]); }
}

/// Σ over the thread's channels of query · key.
fn part(query: mat4x4f, k0: vec4f, k1: vec4f, k2: vec4f, k3: vec4f) -> f32 {
  let sum = query[0] * k0 + query[1] * k1 + query[2] * k2 + query[3] * k3;
  return sum.x + sum.y + sum.z + sum.w;
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
  let row = flat % across * ROWS + local / SHARE * 4u;
  let qA = loadQuery(base, row, pitch, lane);
  let qB = loadQuery(base, row + 1u, pitch, lane);
  let qC = loadQuery(base, row + 2u, pitch, lane);
  let qD = loadQuery(base, row + 3u, pitch, lane);
  var oA = mat4x4f();
  var oB = mat4x4f();
  var oC = mat4x4f();
  var oD = mat4x4f();
  var top = vec4f(-3.0e38);
  var total = vec4f(0.0);
  for (var j0 = 0u; j0 < n; j0 += TILE) {
    for (var e = local; e < TILE * WIDE; e += 64u) {
      let j = j0 + e / WIDE;
      var key = vec4f(0.0);
      var value = vec4f(0.0);
      if (j < n) {
        key = kAt(base + j * pitch, e % WIDE * 4u);
        value = vAt(base + j * pitch, e % WIDE * 4u);
      }
      keys[e] = key;
      values[e] = value;
    }
    workgroupBarrier();
    for (var j = 0u; j < TILE; j++) {
      let at = j * WIDE + lane;
      let k0 = keys[at];
      let k1 = keys[at + SHARE];
      let k2 = keys[at + 2u * SHARE];
      let k3 = keys[at + 3u * SHARE];
      cells[own + j * SHARE + lane] = vec4f(part(qA, k0, k1, k2, k3), part(qB, k0, k1, k2, k3), part(qC, k0, k1, k2, k3), part(qD, k0, k1, k2, k3));
    }
    workgroupBarrier();
    for (var j = lane * OWN; j < (lane + 1u) * OWN; j++) {
      let at = own + j * SHARE;
      var score = vec4f(0.0);
      for (var c = 0u; c < SHARE; c++) { score += cells[at + c]; }
      cells[at] = select(vec4f(-3.0e38), score, j0 + j < n);
    }
    workgroupBarrier();
    let before = top;
    for (var j = 0u; j < TILE; j++) { top = max(top, cells[own + j * SHARE]); }
    let shrink = exp(before - top);
    // Below the threshold a word drops: of each query, the words of the pair of keys that a key is in.
    var even = vec4u(0xffffffffu);
    var odd = even;
    for (var j = lane * OWN; j < (lane + 1u) * OWN; j++) {
      let at = own + j * SHARE;
      if (DROPOUT && (j == lane * OWN || (j & 1u) == 0u)) {
        for (var r = 0u; r < 4u; r++) {
          let words = maskWords(matrix, row + r, (j0 + j) / 2u);
          even[r] = words.x;
          odd[r] = words.y;
        }
      }
      let weight = select(vec4f(0.0), exp(cells[at] - top), j0 + j < n);
      let words = select(even, odd, (j & 1u) == 1u);
      // The sign says: counts in the sum alone.
      cells[at + 1u] = select(weight, -weight, words < vec4u(params.threshold));
    }
    workgroupBarrier();
    total *= shrink;
    oA *= shrink.x;
    oB *= shrink.y;
    oC *= shrink.z;
    oD *= shrink.w;
    for (var j = 0u; j < TILE; j++) {
      let weight = cells[own + j * SHARE + 1u];
      total += abs(weight);
      let kept = max(weight, vec4f(0.0));
      let at = j * WIDE + lane;
      let value = mat4x4f(values[at], values[at + SHARE], values[at + 2u * SHARE], values[at + 3u * SHARE]);
      oA += value * kept.x;
      oB += value * kept.y;
      oC += value * kept.z;
      oD += value * kept.w;
    }
    workgroupBarrier();
  }
  var factor = vec4f(0.0);
  var logSum = vec4f(0.0);
  if (n > 0u) {
    factor = params.keep / total;
    logSum = top + log(total);
  }
  storeQuery(base, row, pitch, lane, oA * factor.x);
  storeQuery(base, row + 1u, pitch, lane, oB * factor.y);
  storeQuery(base, row + 2u, pitch, lane, oC * factor.z);
  storeQuery(base, row + 3u, pitch, lane, oD * factor.w);
  if (lane < 4u && row + lane < params.T) { lse[matrix * params.T + row + lane] = logSum[lane]; }
}
