// attention_grad_cooperative: attention_grad.wgsl's results from halves, by matrices that a subgroup's threads
// hold together (see matmul_cooperative), with f32 sums. D = 16 · DEPTHS ≤ 64, T ≥ 32. A workgroup is one subgroup
// of 32 threads and takes 32 rows of one head through the other side, 32 at a time:
//   KEYS false: rows are queries; out1 = dq = scale · Σ ds · k
//   KEYS true:  rows are keys;    out1 = dk = scale · Σ ds · q,  out2 = dv = Σ p′ · g
// Scores and g · v are made from storage anew for each tile, for beside the sums there are no registers to keep
// rows in. They go through workgroup memory, where each thread is one query and makes what the sums multiply,
// as halves: p′, at most 1, as 4096 · p′, or small ones lose digits; ds, which has any size, as lift · ds, where
// lift is a power of two that falls as the largest ds so far grows: from 2¹⁵ they go back to 2⁸, and the sums
// with them. So no finite ds is infinite as a half, and digits are lost below 2⁻²² of the largest only; one that
// is infinite or NaN in f32 stays so in its row, where the loss scaler finds it. The last tiles end where rows
// and the other side do: rows met twice are stored by the first that met them, others count once.

enable f16;
enable wgpu_cooperative_matrix;

override DEPTHS: u32; // 1 to 4
override KEYS: bool;

// #include common/attention_mask.wgsl

@group(0) @binding(0) var<storage, read> q: array<f16>;
@group(0) @binding(1) var<storage, read> g: array<f16>;
@group(0) @binding(2) var<storage, read> k: array<f16>;
@group(0) @binding(3) var<storage, read> v: array<f16>;
@group(0) @binding(4) var<storage, read> stats: array<vec2f>; // log-sum-exp and delta of every query
@group(0) @binding(5) var<storage, read> lengths: array<i32>;
@group(0) @binding(6) var<storage, read_write> out1: array<f32>;
@group(0) @binding(7) var<storage, read_write> out2: array<f32>;

const TILE = 32u; // queries, and keys
const CELLS = 1024u; // TILE²
const WIDE = 64u; // channels that sums have room for
const ONE = 4096.0; // what stands for a probability of 1

var<workgroup> cells: array<f32, 2048>; // scores and g · v [key][query], later ds; or sums [row][channel]
var<workgroup> slopes: array<f16, 1024>; // lift · ds [key][query]
var<workgroup> shares: array<f16, 1024>; // ONE · p′ [key][query]
var<workgroup> largest: atomic<u32>; // bits of the largest |ds| so far

/// Σ over the first keys, fewer than a tile, of what matrices must not meet: keys past the length may be NaN.
fn fewKeys(at: u32, pitch: u32, query: u32, n: u32) -> f32 {
  var sum = 0.0;
  for (var j = 0u; j < n; j++) { sum += f32(slopes[j * TILE + query]) * f32(k[at + j * pitch]); }
  return sum;
}

@compute @workgroup_size(32)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  // Not flatIndex: through a call naga loses sight of what is the same for all threads.
  let flat = group.y * groups.x + group.x;
  let across = (params.T + TILE - 1u) / TILE;
  let matrix = flat / across;
  if (matrix >= params.matrices) { return; } // the whole workgroup
  let clip = matrix / params.heads;
  let pitch = params.heads * params.D;
  let base = clip * params.T * pitch + matrix % params.heads * params.D;
  var n = params.T;
  if (MASKED) { n = u32(clamp(lengths[clip], 0, i32(params.T))); }
  let own = flat % across * TILE; // the first row that no workgroup before this one stores
  let row = min(own, params.T - TILE);
  var others = n;
  if (KEYS) { others = select(0u, params.T, own < n); }
  var lift = 0x1p126;
  var o00 = coop_mat16x16<f32, C>();
  var o01 = coop_mat16x16<f32, C>();
  var o02 = coop_mat16x16<f32, C>();
  var o03 = coop_mat16x16<f32, C>();
  var o10 = coop_mat16x16<f32, C>();
  var o11 = coop_mat16x16<f32, C>();
  var o12 = coop_mat16x16<f32, C>();
  var o13 = coop_mat16x16<f32, C>();
  var u00 = coop_mat16x16<f32, C>();
  var u01 = coop_mat16x16<f32, C>();
  var u02 = coop_mat16x16<f32, C>();
  var u03 = coop_mat16x16<f32, C>();
  var u10 = coop_mat16x16<f32, C>();
  var u11 = coop_mat16x16<f32, C>();
  var u12 = coop_mat16x16<f32, C>();
  var u13 = coop_mat16x16<f32, C>();
  for (var j0 = 0u; j0 < others; j0 += TILE) {
    let first = min(j0, max(others, TILE) - TILE);
    let query0 = select(row, first, KEYS);
    let key0 = select(first, row, KEYS);
    let atQ = base + query0 * pitch;
    let atK = base + key0 * pitch;
    var s00 = coop_mat16x16<f32, C>();
    var s01 = coop_mat16x16<f32, C>();
    var s10 = coop_mat16x16<f32, C>();
    var s11 = coop_mat16x16<f32, C>();
    for (var d = 0u; d < 16u * DEPTHS; d += 16u) {
      let q0 = coopLoadT<coop_mat16x16<f16, A>>(&q[atQ + d], pitch);
      let q1 = coopLoadT<coop_mat16x16<f16, A>>(&q[atQ + 16u * pitch + d], pitch);
      let k0 = coopLoad<coop_mat16x16<f16, B>>(&k[atK + d], pitch);
      let k1 = coopLoad<coop_mat16x16<f16, B>>(&k[atK + 16u * pitch + d], pitch);
      s00 = coopMultiplyAdd(q0, k0, s00);
      s01 = coopMultiplyAdd(q0, k1, s01);
      s10 = coopMultiplyAdd(q1, k0, s10);
      s11 = coopMultiplyAdd(q1, k1, s11);
    }
    // Named first: see matmul_cooperative.
    let t00 = s00;
    let t01 = s01;
    let t10 = s10;
    let t11 = s11;
    coopStore(t00, &cells[0], TILE);
    coopStore(t01, &cells[512], TILE);
    coopStore(t10, &cells[16], TILE);
    coopStore(t11, &cells[528], TILE);
    var r00 = coop_mat16x16<f32, C>();
    var r01 = coop_mat16x16<f32, C>();
    var r10 = coop_mat16x16<f32, C>();
    var r11 = coop_mat16x16<f32, C>();
    for (var d = 0u; d < 16u * DEPTHS; d += 16u) {
      let g0 = coopLoadT<coop_mat16x16<f16, A>>(&g[atQ + d], pitch);
      let g1 = coopLoadT<coop_mat16x16<f16, A>>(&g[atQ + 16u * pitch + d], pitch);
      let v0 = coopLoad<coop_mat16x16<f16, B>>(&v[atK + d], pitch);
      let v1 = coopLoad<coop_mat16x16<f16, B>>(&v[atK + 16u * pitch + d], pitch);
      r00 = coopMultiplyAdd(g0, v0, r00);
      r01 = coopMultiplyAdd(g0, v1, r01);
      r10 = coopMultiplyAdd(g1, v0, r10);
      r11 = coopMultiplyAdd(g1, v1, r11);
    }
    let w00 = r00;
    let w01 = r01;
    let w10 = r10;
    let w11 = r11;
    coopStore(w00, &cells[1024], TILE);
    coopStore(w01, &cells[1536], TILE);
    coopStore(w10, &cells[1040], TILE);
    coopStore(w11, &cells[1552], TILE);
    workgroupBarrier();

    let query = query0 + local;
    let stat = stats[matrix * params.T + query];
    var most = 0.0;
    var words = vec2u(0xffffffffu);
    for (var j = 0u; j < TILE; j++) {
      let key = key0 + j;
      let at = j * TILE + local;
      if (DROPOUT) {
        if (j == 0u || (key & 1u) == 0u) { words = maskWords(matrix, query, key / 2u); }
      }
      var kept = 0.0;
      var ds = 0.0;
      // Of the other side, what the tile before had does not count again.
      if (key < n && select(key, query, KEYS) >= j0) {
        let p = exp(cells[at] * params.scale - stat.x);
        kept = p;
        if (DROPOUT) {
          if (words[key & 1u] < params.threshold) { kept = 0.0; }
        }
        ds = kept * params.keep * cells[CELLS + at] - p * stat.y;
      }
      most = max(most, abs(ds));
      cells[CELLS + at] = ds;
      if (KEYS) { shares[at] = f16(kept * ONE); }
    }
    atomicMax(&largest, bitcast<u32>(most));
    workgroupBarrier();

    let bits = atomicLoad(&largest);
    if (bitcast<f32>(bits) * lift > 0x1p15) {
      let next = bitcast<f32>((262u - (bits >> 23u)) << 23u); // 2⁸ over the power of two in the largest
      let shrink = next / lift;
      lift = next;
      o00 = o00 * shrink;
      o01 = o01 * shrink;
      o02 = o02 * shrink;
      o03 = o03 * shrink;
      o10 = o10 * shrink;
      o11 = o11 * shrink;
      o12 = o12 * shrink;
      o13 = o13 * shrink;
    }
    for (var at = local; at < CELLS; at += TILE) { slopes[at] = f16(cells[CELLS + at] * lift); }
    workgroupBarrier();

    let near = base + first * pitch;
    let far = near + 16u * pitch;
    var x00 = coopLoad<coop_mat16x16<f16, A>>(&slopes[0], TILE);
    var x01 = coopLoad<coop_mat16x16<f16, A>>(&slopes[512], TILE);
    var x10 = coopLoad<coop_mat16x16<f16, A>>(&slopes[16], TILE);
    var x11 = coopLoad<coop_mat16x16<f16, A>>(&slopes[528], TILE);
    if (KEYS) {
      x00 = coopLoadT<coop_mat16x16<f16, A>>(&slopes[0], TILE);
      x01 = coopLoadT<coop_mat16x16<f16, A>>(&slopes[16], TILE);
      x10 = coopLoadT<coop_mat16x16<f16, A>>(&slopes[512], TILE);
      x11 = coopLoadT<coop_mat16x16<f16, A>>(&slopes[528], TILE);
    }
    var y0 = coopLoadT<coop_mat16x16<f16, B>>(&k[near], pitch);
    var y1 = coopLoadT<coop_mat16x16<f16, B>>(&k[far], pitch);
    if (KEYS) {
      y0 = coopLoadT<coop_mat16x16<f16, B>>(&q[near], pitch);
      y1 = coopLoadT<coop_mat16x16<f16, B>>(&q[far], pitch);
    }
    o00 = coopMultiplyAdd(x00, y0, o00);
    o00 = coopMultiplyAdd(x01, y1, o00);
    o10 = coopMultiplyAdd(x10, y0, o10);
    o10 = coopMultiplyAdd(x11, y1, o10);
    if (DEPTHS > 1u) {
      y0 = coopLoadT<coop_mat16x16<f16, B>>(&k[near + 16u], pitch);
      y1 = coopLoadT<coop_mat16x16<f16, B>>(&k[far + 16u], pitch);
      if (KEYS) {
        y0 = coopLoadT<coop_mat16x16<f16, B>>(&q[near + 16u], pitch);
        y1 = coopLoadT<coop_mat16x16<f16, B>>(&q[far + 16u], pitch);
      }
      o01 = coopMultiplyAdd(x00, y0, o01);
      o01 = coopMultiplyAdd(x01, y1, o01);
      o11 = coopMultiplyAdd(x10, y0, o11);
      o11 = coopMultiplyAdd(x11, y1, o11);
    }
    if (DEPTHS > 2u) {
      y0 = coopLoadT<coop_mat16x16<f16, B>>(&k[near + 32u], pitch);
      y1 = coopLoadT<coop_mat16x16<f16, B>>(&k[far + 32u], pitch);
      if (KEYS) {
        y0 = coopLoadT<coop_mat16x16<f16, B>>(&q[near + 32u], pitch);
        y1 = coopLoadT<coop_mat16x16<f16, B>>(&q[far + 32u], pitch);
      }
      o02 = coopMultiplyAdd(x00, y0, o02);
      o02 = coopMultiplyAdd(x01, y1, o02);
      o12 = coopMultiplyAdd(x10, y0, o12);
      o12 = coopMultiplyAdd(x11, y1, o12);
    }
    if (DEPTHS > 3u) {
      y0 = coopLoadT<coop_mat16x16<f16, B>>(&k[near + 48u], pitch);
      y1 = coopLoadT<coop_mat16x16<f16, B>>(&k[far + 48u], pitch);
      if (KEYS) {
        y0 = coopLoadT<coop_mat16x16<f16, B>>(&q[near + 48u], pitch);
        y1 = coopLoadT<coop_mat16x16<f16, B>>(&q[far + 48u], pitch);
      }
      o03 = coopMultiplyAdd(x00, y0, o03);
      o03 = coopMultiplyAdd(x01, y1, o03);
      o13 = coopMultiplyAdd(x10, y0, o13);
      o13 = coopMultiplyAdd(x11, y1, o13);
    }
    if (KEYS) {
      let p00 = coopLoadT<coop_mat16x16<f16, A>>(&shares[0], TILE);
      let p01 = coopLoadT<coop_mat16x16<f16, A>>(&shares[16], TILE);
      let p10 = coopLoadT<coop_mat16x16<f16, A>>(&shares[512], TILE);
      let p11 = coopLoadT<coop_mat16x16<f16, A>>(&shares[528], TILE);
      var z0 = coopLoadT<coop_mat16x16<f16, B>>(&g[near], pitch);
      var z1 = coopLoadT<coop_mat16x16<f16, B>>(&g[far], pitch);
      u00 = coopMultiplyAdd(p00, z0, u00);
      u00 = coopMultiplyAdd(p01, z1, u00);
      u10 = coopMultiplyAdd(p10, z0, u10);
      u10 = coopMultiplyAdd(p11, z1, u10);
      if (DEPTHS > 1u) {
        z0 = coopLoadT<coop_mat16x16<f16, B>>(&g[near + 16u], pitch);
        z1 = coopLoadT<coop_mat16x16<f16, B>>(&g[far + 16u], pitch);
        u01 = coopMultiplyAdd(p00, z0, u01);
        u01 = coopMultiplyAdd(p01, z1, u01);
        u11 = coopMultiplyAdd(p10, z0, u11);
        u11 = coopMultiplyAdd(p11, z1, u11);
      }
      if (DEPTHS > 2u) {
        z0 = coopLoadT<coop_mat16x16<f16, B>>(&g[near + 32u], pitch);
        z1 = coopLoadT<coop_mat16x16<f16, B>>(&g[far + 32u], pitch);
        u02 = coopMultiplyAdd(p00, z0, u02);
        u02 = coopMultiplyAdd(p01, z1, u02);
        u12 = coopMultiplyAdd(p10, z0, u12);
        u12 = coopMultiplyAdd(p11, z1, u12);
      }
      if (DEPTHS > 3u) {
        z0 = coopLoadT<coop_mat16x16<f16, B>>(&g[near + 48u], pitch);
        z1 = coopLoadT<coop_mat16x16<f16, B>>(&g[far + 48u], pitch);
        u03 = coopMultiplyAdd(p00, z0, u03);
        u03 = coopMultiplyAdd(p01, z1, u03);
        u13 = coopMultiplyAdd(p10, z0, u13);
        u13 = coopMultiplyAdd(p11, z1, u13);
      }
    }
  }

  let a00 = o00;
  let a01 = o01;
  let a02 = o02;
  let a03 = o03;
  let a10 = o10;
  let a11 = o11;
  let a12 = o12;
  let a13 = o13;
  coopStoreT(a00, &cells[0], WIDE);
  coopStoreT(a01, &cells[16], WIDE);
  coopStoreT(a02, &cells[32], WIDE);
  coopStoreT(a03, &cells[48], WIDE);
  coopStoreT(a10, &cells[1024], WIDE);
  coopStoreT(a11, &cells[1040], WIDE);
  coopStoreT(a12, &cells[1056], WIDE);
  coopStoreT(a13, &cells[1072], WIDE);
  workgroupBarrier();
  for (var e = local; e < TILE * params.D; e += TILE) {
    let i = e / params.D;
    let d = e % params.D;
    var sum = cells[i * WIDE + d];
    if (KEYS) { sum = select(0.0, sum, row + i < n); }
    if (!KEYS && n < TILE) { sum = fewKeys(base + d, pitch, i, n); }
    if (row + i >= own) { out1[base + (row + i) * pitch + d] = sum / lift * params.scale; }
  }
  if (KEYS) {
    let b00 = u00;
    let b01 = u01;
    let b02 = u02;
    let b03 = u03;
    let b10 = u10;
    let b11 = u11;
    let b12 = u12;
    let b13 = u13;
    workgroupBarrier();
    coopStoreT(b00, &cells[0], WIDE);
    coopStoreT(b01, &cells[16], WIDE);
    coopStoreT(b02, &cells[32], WIDE);
    coopStoreT(b03, &cells[48], WIDE);
    coopStoreT(b10, &cells[1024], WIDE);
    coopStoreT(b11, &cells[1040], WIDE);
    coopStoreT(b12, &cells[1056], WIDE);
    coopStoreT(b13, &cells[1072], WIDE);
    workgroupBarrier();
    for (var e = local; e < TILE * params.D; e += TILE) {
      let i = e / params.D;
      let d = e % params.D;
      let sum = select(0.0, cells[i * WIDE + d], row + i < n);
      if (row + i >= own) { out2[base + (row + i) * pitch + d] = sum * (params.keep / ONE); }
    }
  }
}
