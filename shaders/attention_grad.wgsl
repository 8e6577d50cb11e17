// attention_grad: gradients of attention (see attention.wgsl), one row of one head a thread.
//   KEYS false: rows are queries, a = (q, g), b = (k, v);  out1 = dq = scale · Σ ds · k
//   KEYS true:  rows are keys,    a = (k, v), b = (q, g);  out1 = dk = scale · Σ ds · q,  out2 = dv = Σ p′ · g
// with p = exp(scale · q · k − lse), p′ = p after dropout, ds = p′ · (g · v) − p · delta; stats holds lse and
// delta of every query. For adapters where workgroup memory only costs, and for heads over 64 wide.

override KEYS: bool;
override MASKED: bool;
override DROPOUT: bool;

struct Params {
  rows: u32, heads: u32, T: u32, D: u32,
  scale: f32, threshold: u32, keep: f32, key0: u32,
  key1: u32, counter0: u32, counter1: u32,
}

@group(0) @binding(0) var<storage, read> a1: array<f32>;
@group(0) @binding(1) var<storage, read> a2: array<f32>;
@group(0) @binding(2) var<storage, read> b1: array<f32>;
@group(0) @binding(3) var<storage, read> b2: array<f32>;
@group(0) @binding(4) var<storage, read> stats: array<vec2f>;
@group(0) @binding(5) var<storage, read> lengths: array<i32>;
@group(0) @binding(6) var<storage, read_write> out1: array<f32>;
@group(0) @binding(7) var<storage, read_write> out2: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

/// Which of channels d … d + 3 are the head's own.
fn inside(d: u32) -> vec4<bool> {
  return vec4u(d, d + 1u, d + 2u, d + 3u) < vec4u(params.D);
}

fn a1At(at: u32, d: u32) -> vec4f {
  let i = at + d;
  return select(vec4f(0.0), vec4f(a1[i], a1[i + 1u], a1[i + 2u], a1[i + 3u]), inside(d));
}

fn a2At(at: u32, d: u32) -> vec4f {
  let i = at + d;
  return select(vec4f(0.0), vec4f(a2[i], a2[i + 1u], a2[i + 2u], a2[i + 3u]), inside(d));
}

fn b1At(at: u32, d: u32) -> vec4f {
  let i = at + d;
  return select(vec4f(0.0), vec4f(b1[i], b1[i + 1u], b1[i + 2u], b1[i + 3u]), inside(d));
}

fn b2At(at: u32, d: u32) -> vec4f {
  let i = at + d;
  return select(vec4f(0.0), vec4f(b2[i], b2[i + 1u], b2[i + 2u], b2[i + 3u]), inside(d));
}

fn store1(at: u32, d: u32, x: vec4f) {
  for (var e = 0u; e < min(4u, params.D - min(d, params.D)); e++) { out1[at + d + e] = x[e]; }
}

fn store2(at: u32, d: u32, x: vec4f) {
  for (var e = 0u; e < min(4u, params.D - min(d, params.D)); e++) { out2[at + d + e] = x[e]; }
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
  let own = row % params.T;
  let clip = matrix / params.heads;
  let pitch = params.heads * params.D;
  let first = clip * params.T * pitch + matrix % params.heads * params.D;
  let at = first + own * pitch;
  var n = params.T;
  if (MASKED) { n = u32(clamp(lengths[clip], 0, i32(params.T))); }
  let chunks = (params.D + 15u) / 16u * 4u; // of 4 channels
  var x1: array<vec4f, 32>;
  var x2: array<vec4f, 32>;
  var sums1: array<vec4f, 32>;
  var sums2: array<vec4f, 32>;
  for (var c = 0u; c < chunks; c++) {
    x1[c] = a1At(at, 4u * c) * params.scale;
    x2[c] = a2At(at, 4u * c);
  }
  var others = n;
  if (KEYS) { others = select(0u, params.T, own < n); }
  for (var other = 0u; other < others; other++) {
    let source = first + other * pitch;
    var scores = vec4f(0.0);
    var slopes = vec4f(0.0);
    for (var c = 0u; c < chunks; c += 4u) {
      let d = 4u * c;
      scores += x1[c] * b1At(source, d) + x1[c + 1u] * b1At(source, d + 4u);
      scores += x1[c + 2u] * b1At(source, d + 8u) + x1[c + 3u] * b1At(source, d + 12u);
      slopes += x2[c] * b2At(source, d) + x2[c + 1u] * b2At(source, d + 4u);
      slopes += x2[c + 2u] * b2At(source, d + 8u) + x2[c + 3u] * b2At(source, d + 12u);
    }
    var i = own;
    var j = other;
    if (KEYS) {
      i = other;
      j = own;
    }
    let stat = stats[matrix * params.T + i];
    let p = exp(scores.x + scores.y + scores.z + scores.w - stat.x);
    var kept = p * params.keep;
    if (DROPOUT) {
      kept = select(kept, 0.0, maskWords(matrix, i, j / 2u)[j & 1u] < params.threshold);
    }
    let ds = kept * (slopes.x + slopes.y + slopes.z + slopes.w) - p * stat.y;
    for (var c = 0u; c < chunks; c += 4u) {
      let d = 4u * c;
      sums1[c] += ds * b1At(source, d);
      sums1[c + 1u] += ds * b1At(source, d + 4u);
      sums1[c + 2u] += ds * b1At(source, d + 8u);
      sums1[c + 3u] += ds * b1At(source, d + 12u);
      if (KEYS) {
        sums2[c] += kept * b2At(source, d);
        sums2[c + 1u] += kept * b2At(source, d + 4u);
        sums2[c + 2u] += kept * b2At(source, d + 8u);
        sums2[c + 3u] += kept * b2At(source, d + 12u);
      }
    }
  }
  for (var c = 0u; c < chunks; c++) {
    store1(at, 4u * c, sums1[c] * params.scale);
    if (KEYS) { store2(at, 4u * c, sums2[c]); }
  }
}
