// attention: out = softmax(scale · q kᵀ) v of every head, one query of one head a thread, key after key with
// the sums rescaled as larger scores turn up. q, k, v, out [B, T, heads · D], D ≤ 128; lse [B, heads, T] is
// each row's log-sum-exp. For adapters where workgroup memory only costs, and for heads over 64 wide.
// A trip of the inner loops is 16 channels: some drivers end loops after 65,535 trips.

override MASKED: bool;
override DROPOUT: bool;

struct Params {
  rows: u32, heads: u32, T: u32, D: u32,
  scale: f32, threshold: u32, keep: f32, key0: u32,
  key1: u32, counter0: u32, counter1: u32,
}

@group(0) @binding(0) var<storage, read> q: array<f32>;
@group(0) @binding(1) var<storage, read> k: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<f32>;
@group(0) @binding(3) var<storage, read> lengths: array<i32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
@group(0) @binding(5) var<storage, read_write> lse: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

/// Which of channels d … d + 3 are the head's own.
fn inside(d: u32) -> vec4<bool> {
  return vec4u(d, d + 1u, d + 2u, d + 3u) < vec4u(params.D);
}

fn qAt(at: u32, d: u32) -> vec4f {
  let i = at + d;
  return select(vec4f(0.0), vec4f(q[i], q[i + 1u], q[i + 2u], q[i + 3u]), inside(d));
}

fn kAt(at: u32, d: u32) -> vec4f {
  let i = at + d;
  return select(vec4f(0.0), vec4f(k[i], k[i + 1u], k[i + 2u], k[i + 3u]), inside(d));
}

fn vAt(at: u32, d: u32) -> vec4f {
  let i = at + d;
  return select(vec4f(0.0), vec4f(v[i], v[i + 1u], v[i + 2u], v[i + 3u]), inside(d));
}

fn store4(at: u32, d: u32, x: vec4f) {
  for (var e = 0u; e < min(4u, params.D - min(d, params.D)); e++) { out[at + d + e] = x[e]; }
}

/// The random words of query i with keys 2 · pair and 2 · pair + 1: below the threshold they drop.
fn maskWords(matrix: u32, i: u32, pair: u32) -> vec2u {
  let block = (matrix * ((params.T + 1u) / 2u) + pair) * params.T + i;
  return threefry(vec2u(params.key0, params.key1), vec2u(params.counter0, params.counter1), block);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = flatIndex(group, groups, local, 64u);
  if (row >= params.rows) { return; }
  let matrix = row / params.T;
  let i = row % params.T;
  let clip = matrix / params.heads;
  let pitch = params.heads * params.D;
  let first = clip * params.T * pitch + matrix % params.heads * params.D;
  let own = first + i * pitch;
  var n = params.T;
  if (MASKED) { n = u32(clamp(lengths[clip], 0, i32(params.T))); }
  let chunks = (params.D + 15u) / 16u * 4u; // of 4 channels
  var query: array<vec4f, 32>;
  var sums: array<vec4f, 32>;
  for (var c = 0u; c < chunks; c++) { query[c] = qAt(own, 4u * c) * params.scale; }
  var top = -3.0e38;
  var total = 0.0;
  var words = vec2u(0u);
  for (var j = 0u; j < n; j++) {
    let at = first + j * pitch;
    var products = vec4f(0.0);
    for (var c = 0u; c < chunks; c += 4u) {
      products += query[c] * kAt(at, 4u * c) + query[c + 1u] * kAt(at, 4u * c + 4u);
      products += query[c + 2u] * kAt(at, 4u * c + 8u) + query[c + 3u] * kAt(at, 4u * c + 12u);
    }
    let score = products.x + products.y + products.z + products.w;
    let before = top;
    top = max(top, score);
    let shrink = exp(before - top);
    var weight = exp(score - top);
    total = total * shrink + weight;
    if (DROPOUT) {
      if ((j & 1u) == 0u) { words = maskWords(matrix, i, j / 2u); }
      weight = select(weight, 0.0, words[j & 1u] < params.threshold);
    }
    for (var c = 0u; c < chunks; c += 4u) {
      sums[c] = sums[c] * shrink + weight * vAt(at, 4u * c);
      sums[c + 1u] = sums[c + 1u] * shrink + weight * vAt(at, 4u * c + 4u);
      sums[c + 2u] = sums[c + 2u] * shrink + weight * vAt(at, 4u * c + 8u);
      sums[c + 3u] = sums[c + 3u] * shrink + weight * vAt(at, 4u * c + 12u);
    }
  }
  var factor = 0.0;
  var logSum = 0.0;
  if (n > 0u) {
    factor = params.keep / total;
    logSum = top + log(total);
  }
  for (var c = 0u; c < chunks; c++) { store4(own, 4u * c, sums[c] * factor); }
  lse[row] = logSum;
}
