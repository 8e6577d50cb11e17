// attention_cooperative: attention.wgsl's results from halves, by matrices that a subgroup's threads hold together
// (see matmul_cooperative): q kᵀ and the mix of values are their products, with f32 sums. D = 16 · DEPTHS ≤ 64,
// T ≥ 32. A workgroup is one subgroup of 32 threads and takes 32 queries of one head through the keys, 32 at a
// time; scores go through workgroup memory, where each thread is one query: it keeps the query's largest score
// and makes the probabilities, halves that may reach e^SLACK. So the sums need a new scale only where a score
// has passed the largest before by more than SLACK, which is seldom; then they go through workgroup memory too.
// The last tiles of queries and of keys end where those do: queries met twice are stored alike, keys count once.

enable f16;
enable wgpu_cooperative_matrix;

override DEPTHS: u32; // 1 to 4

// #include common/attention_mask.wgsl

@group(0) @binding(0) var<storage, read> q: array<f16>;
@group(0) @binding(1) var<storage, read> k: array<f16>;
@group(0) @binding(2) var<storage, read> v: array<f16>;
@group(0) @binding(3) var<storage, read> lengths: array<i32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
@group(0) @binding(5) var<storage, read_write> lse: array<f32>;

const TILE = 32u; // queries, and keys
const WIDE = 64u; // channels that sums have room for
const SLACK = 8.0;

var<workgroup> cells: array<f32, 2048>; // scores [key][query], or sums [query][channel]
var<workgroup> shares: array<f16, 1024>; // probabilities before their sum is known, [key][query]
var<workgroup> factors: array<f32, 32>; // of each query's sums
var<workgroup> grown: atomic<u32>; // whether some query's sums need a new scale

/// Σ over the first keys, fewer than a tile, of what matrices must not meet: values past the length may be NaN.
fn fewKeys(at: u32, pitch: u32, query: u32, n: u32) -> f32 {
  var sum = 0.0;
  for (var j = 0u; j < n; j++) { sum += f32(shares[j * TILE + query]) * f32(v[at + j * pitch]); }
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
  let row = min(flat % across * TILE, params.T - TILE);
  let query = row + local;
  let at = base + row * pitch;
  let below = at + 16u * pitch;
  var q00 = coopLoadT<coop_mat16x16<f16, A>>(&q[at], pitch);
  var q10 = coopLoadT<coop_mat16x16<f16, A>>(&q[below], pitch);
  var q01 = coop_mat16x16<f16, A>();
  var q11 = coop_mat16x16<f16, A>();
  var q02 = coop_mat16x16<f16, A>();
  var q12 = coop_mat16x16<f16, A>();
  var q03 = coop_mat16x16<f16, A>();
  var q13 = coop_mat16x16<f16, A>();
  if (DEPTHS > 1u) {
    q01 = coopLoadT<coop_mat16x16<f16, A>>(&q[at + 16u], pitch);
    q11 = coopLoadT<coop_mat16x16<f16, A>>(&q[below + 16u], pitch);
  }
  if (DEPTHS > 2u) {
    q02 = coopLoadT<coop_mat16x16<f16, A>>(&q[at + 32u], pitch);
    q12 = coopLoadT<coop_mat16x16<f16, A>>(&q[below + 32u], pitch);
  }
  if (DEPTHS > 3u) {
    q03 = coopLoadT<coop_mat16x16<f16, A>>(&q[at + 48u], pitch);
    q13 = coopLoadT<coop_mat16x16<f16, A>>(&q[below + 48u], pitch);
  }
  var o00 = coop_mat16x16<f32, C>();
  var o01 = coop_mat16x16<f32, C>();
  var o02 = coop_mat16x16<f32, C>();
  var o03 = coop_mat16x16<f32, C>();
  var o10 = coop_mat16x16<f32, C>();
  var o11 = coop_mat16x16<f32, C>();
  var o12 = coop_mat16x16<f32, C>();
  var o13 = coop_mat16x16<f32, C>();
  var top = -3.0e38;
  var total = 0.0;
  for (var j0 = 0u; j0 < n; j0 += TILE) {
    let first = min(j0, max(n, TILE) - TILE);
    let near = base + first * pitch;
    let far = near + 16u * pitch;
    var s00 = coop_mat16x16<f32, C>();
    var s01 = coop_mat16x16<f32, C>();
    var s10 = coop_mat16x16<f32, C>();
    var s11 = coop_mat16x16<f32, C>();
    let k00 = coopLoad<coop_mat16x16<f16, B>>(&k[near], pitch);
    let k10 = coopLoad<coop_mat16x16<f16, B>>(&k[far], pitch);
    s00 = coopMultiplyAdd(q00, k00, s00);
    s01 = coopMultiplyAdd(q00, k10, s01);
    s10 = coopMultiplyAdd(q10, k00, s10);
    s11 = coopMultiplyAdd(q10, k10, s11);
    if (DEPTHS > 1u) {
      let k01 = coopLoad<coop_mat16x16<f16, B>>(&k[near + 16u], pitch);
      let k11 = coopLoad<coop_mat16x16<f16, B>>(&k[far + 16u], pitch);
      s00 = coopMultiplyAdd(q01, k01, s00);
      s01 = coopMultiplyAdd(q01, k11, s01);
      s10 = coopMultiplyAdd(q11, k01, s10);
      s11 = coopMultiplyAdd(q11, k11, s11);
    }
    if (DEPTHS > 2u) {
      let k02 = coopLoad<coop_mat16x16<f16, B>>(&k[near + 32u], pitch);
      let k12 = coopLoad<coop_mat16x16<f16, B>>(&k[far + 32u], pitch);
      s00 = coopMultiplyAdd(q02, k02, s00);
      s01 = coopMultiplyAdd(q02, k12, s01);
      s10 = coopMultiplyAdd(q12, k02, s10);
      s11 = coopMultiplyAdd(q12, k12, s11);
    }
    if (DEPTHS > 3u) {
      let k03 = coopLoad<coop_mat16x16<f16, B>>(&k[near + 48u], pitch);
      let k13 = coopLoad<coop_mat16x16<f16, B>>(&k[far + 48u], pitch);
      s00 = coopMultiplyAdd(q03, k03, s00);
      s01 = coopMultiplyAdd(q03, k13, s01);
      s10 = coopMultiplyAdd(q13, k03, s10);
      s11 = coopMultiplyAdd(q13, k13, s11);
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
    if (local == 0u) { atomicStore(&grown, 0u); }
    workgroupBarrier();

    let skip = j0 - first; // keys that the tile before had
    let end = n - first;
    var largest = -3.0e38;
    for (var j = skip; j < min(end, TILE); j++) {
      largest = max(largest, cells[j * TILE + local] * params.scale);
    }
    var shrink = 1.0;
    if (largest > top + SLACK) {
      shrink = exp(top - largest);
      top = largest;
      if (total > 0.0) { atomicStore(&grown, 1u); }
    }
    factors[local] = shrink;
    total *= shrink;
    var words = vec2u(0xffffffffu);
    for (var j = 0u; j < TILE; j++) {
      let key = first + j;
      var weight = 0.0;
      if (j >= skip && j < end) { weight = exp(cells[j * TILE + local] * params.scale - top); }
      total += weight;
      if (DROPOUT) {
        if (j == 0u || (key & 1u) == 0u) { words = maskWords(matrix, query, key / 2u); }
        if (words[key & 1u] < params.threshold) { weight = 0.0; }
      }
      shares[j * TILE + local] = f16(weight);
    }
    workgroupBarrier();

    if (atomicLoad(&grown) == 1u) {
      let u00 = o00;
      let u01 = o01;
      let u02 = o02;
      let u03 = o03;
      let u10 = o10;
      let u11 = o11;
      let u12 = o12;
      let u13 = o13;
      coopStoreT(u00, &cells[0], WIDE);
      coopStoreT(u01, &cells[16], WIDE);
      coopStoreT(u02, &cells[32], WIDE);
      coopStoreT(u03, &cells[48], WIDE);
      coopStoreT(u10, &cells[1024], WIDE);
      coopStoreT(u11, &cells[1040], WIDE);
      coopStoreT(u12, &cells[1056], WIDE);
      coopStoreT(u13, &cells[1072], WIDE);
      workgroupBarrier();
      for (var i = 0u; i < TILE * WIDE; i += TILE) { cells[i + local] *= factors[i / WIDE]; }
      workgroupBarrier();
      o00 = coopLoadT<coop_mat16x16<f32, C>>(&cells[0], WIDE);
      o01 = coopLoadT<coop_mat16x16<f32, C>>(&cells[16], WIDE);
      o02 = coopLoadT<coop_mat16x16<f32, C>>(&cells[32], WIDE);
      o03 = coopLoadT<coop_mat16x16<f32, C>>(&cells[48], WIDE);
      o10 = coopLoadT<coop_mat16x16<f32, C>>(&cells[1024], WIDE);
      o11 = coopLoadT<coop_mat16x16<f32, C>>(&cells[1040], WIDE);
      o12 = coopLoadT<coop_mat16x16<f32, C>>(&cells[1056], WIDE);
      o13 = coopLoadT<coop_mat16x16<f32, C>>(&cells[1072], WIDE);
    }
    let p00 = coopLoad<coop_mat16x16<f16, A>>(&shares[0], TILE);
    let p01 = coopLoad<coop_mat16x16<f16, A>>(&shares[512], TILE);
    let p10 = coopLoad<coop_mat16x16<f16, A>>(&shares[16], TILE);
    let p11 = coopLoad<coop_mat16x16<f16, A>>(&shares[528], TILE);
    let v00 = coopLoadT<coop_mat16x16<f16, B>>(&v[near], pitch);
    let v10 = coopLoadT<coop_mat16x16<f16, B>>(&v[far], pitch);
    o00 = coopMultiplyAdd(p00, v00, o00);
    o00 = coopMultiplyAdd(p01, v10, o00);
    o10 = coopMultiplyAdd(p10, v00, o10);
    o10 = coopMultiplyAdd(p11, v10, o10);
    if (DEPTHS > 1u) {
      let v01 = coopLoadT<coop_mat16x16<f16, B>>(&v[near + 16u], pitch);
      let v11 = coopLoadT<coop_mat16x16<f16, B>>(&v[far + 16u], pitch);
      o01 = coopMultiplyAdd(p00, v01, o01);
      o01 = coopMultiplyAdd(p01, v11, o01);
      o11 = coopMultiplyAdd(p10, v01, o11);
      o11 = coopMultiplyAdd(p11, v11, o11);
    }
    if (DEPTHS > 2u) {
      let v02 = coopLoadT<coop_mat16x16<f16, B>>(&v[near + 32u], pitch);
      let v12 = coopLoadT<coop_mat16x16<f16, B>>(&v[far + 32u], pitch);
      o02 = coopMultiplyAdd(p00, v02, o02);
      o02 = coopMultiplyAdd(p01, v12, o02);
      o12 = coopMultiplyAdd(p10, v02, o12);
      o12 = coopMultiplyAdd(p11, v12, o12);
    }
    if (DEPTHS > 3u) {
      let v03 = coopLoadT<coop_mat16x16<f16, B>>(&v[near + 48u], pitch);
      let v13 = coopLoadT<coop_mat16x16<f16, B>>(&v[far + 48u], pitch);
      o03 = coopMultiplyAdd(p00, v03, o03);
      o03 = coopMultiplyAdd(p01, v13, o03);
      o13 = coopMultiplyAdd(p10, v03, o13);
      o13 = coopMultiplyAdd(p11, v13, o13);
    }
    workgroupBarrier();
  }

  var logSum = 0.0;
  factors[local] = 0.0;
  if (n > 0u) {
    factors[local] = params.keep / total;
    logSum = top + log(total);
  }
  lse[matrix * params.T + query] = logSum;
  let w00 = o00;
  let w01 = o01;
  let w02 = o02;
  let w03 = o03;
  let w10 = o10;
  let w11 = o11;
  let w12 = o12;
  let w13 = o13;
  coopStoreT(w00, &cells[0], WIDE);
  coopStoreT(w01, &cells[16], WIDE);
  coopStoreT(w02, &cells[32], WIDE);
  coopStoreT(w03, &cells[48], WIDE);
  coopStoreT(w10, &cells[1024], WIDE);
  coopStoreT(w11, &cells[1040], WIDE);
  coopStoreT(w12, &cells[1056], WIDE);
  coopStoreT(w13, &cells[1072], WIDE);
  workgroupBarrier();
  for (var e = local; e < TILE * params.D; e += TILE) {
    let i = e / params.D;
    let d = e % params.D;
    var sum = cells[i * WIDE + d];
    if (n < TILE) { sum = fewKeys(base + d, pitch, i, n); }
    out[at + i * pitch + d] = sum * factors[i];
  }
}
