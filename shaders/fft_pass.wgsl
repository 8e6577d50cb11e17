// fft_pass: one pass of a batched FFT of `points` complex numbers (N = 2·points real ones), for sizes
// past a workgroup's memory and for adapters where that memory only costs. `table[k]` = e^{−2πik/N}.
//   stage4, stage2: a Stockham butterfly a thread, from [batch, points] to [batch, points];
//   split: spectrum of the real signal from that of its halves, [batch, points] → [batch, points + 1];
//   join: the reverse, [batch, points + 1] → [batch, points]. A thread takes bins k and points − k.

override DIRECTION: f32;

struct Params { n: u32, points: u32, s: u32, ends: f32, inner: f32 }

@group(0) @binding(0) var<storage, read> x: array<vec2f>;
@group(0) @binding(1) var<storage, read> table: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> out: array<vec2f>;
@group(1) @binding(0) var<uniform> params: Params;

fn times(a: vec2f, b: vec2f) -> vec2f {
  return vec2f(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

// e^{∓2πi k/points}
fn twiddle(k: u32) -> vec2f {
  let w = table[2u * k];
  return vec2f(w.x, DIRECTION * w.y);
}

@compute @workgroup_size(64)
fn stage4(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  let quarter = params.points / 4u;
  let transform = i / quarter;
  let j = i - transform * quarter;
  let p = j / params.s;
  let q = j - p * params.s;
  let base = transform * params.points;
  let a = x[base + j];
  let b = x[base + j + quarter];
  let c = x[base + j + 2u * quarter];
  let d = x[base + j + 3u * quarter];
  let bd = DIRECTION * vec2f(b.y - d.y, d.x - b.x);
  let to = base + q + 4u * p * params.s;
  let k = p * params.s;
  out[to] = a + c + b + d;
  out[to + params.s] = times(a - c + bd, twiddle(k));
  out[to + 2u * params.s] = times(a + c - b - d, twiddle(2u * k));
  out[to + 3u * params.s] = times(a - c - bd, twiddle(3u * k));
}

// The last stage where `points` is no power of 4: s = points / 2, twiddles all 1.
@compute @workgroup_size(64)
fn stage2(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  let transform = i / params.s;
  let at = i + transform * params.s;
  let a = x[at];
  let b = x[at + params.s];
  out[at] = a + b;
  out[at + params.s] = a - b;
}

@compute @workgroup_size(64)
fn split(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  let pairs = params.points / 2u + 1u;
  let transform = i / pairs;
  let k = i - transform * pairs;
  let base = transform * params.points;
  let to = transform * (params.points + 1u);
  let z = x[base + k];
  if (k == 0u) {
    out[to] = vec2f(params.ends * (z.x + z.y), 0.0);
    out[to + params.points] = vec2f(params.ends * (z.x - z.y), 0.0);
    return;
  }
  let y = x[base + params.points - k];
  let sum = vec2f(z.x + y.x, z.y - y.y);
  let d = times(vec2f(z.x - y.x, z.y + y.y), table[k]);
  let t = vec2f(d.y, -d.x);
  out[to + k] = 0.5 * params.inner * (sum + t);
  out[to + params.points - k] = 0.5 * params.inner * vec2f(sum.x - t.x, t.y - sum.y);
}

@compute @workgroup_size(64)
fn join(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  let pairs = params.points / 2u + 1u;
  let transform = i / pairs;
  let k = i - transform * pairs;
  let base = transform * (params.points + 1u);
  let to = transform * params.points;
  let z = x[base + k];
  let y = x[base + params.points - k];
  if (k == 0u) {
    out[to] = params.ends * vec2f(z.x + y.x, z.x - y.x);
    return;
  }
  let w = table[k];
  let sum = vec2f(z.x + y.x, z.y - y.y);
  let d = times(vec2f(z.x - y.x, z.y + y.y), vec2f(w.x, -w.y));
  let t = vec2f(-d.y, d.x);
  out[to + k] = 0.5 * params.inner * (sum + t);
  out[to + params.points - k] = 0.5 * params.inner * vec2f(sum.x - t.x, t.y - sum.y);
}
