// fft_workgroup: one workgroup a transform of POINTS complex numbers (N = 2·POINTS real ones, from 4
// to 2048 points): loads, all Stockham stages, split or join of the spectrum, stores. A thread holds
// its butterflies in registers across the barrier, so one buffer of POINTS numbers serves.
// `table[k]` = e^{−2πik/N}. forward: [batch, POINTS] → [batch, POINTS + 1]; inverse the reverse.

override POINTS: u32;
override THREADS: u32;

struct Params { batch: u32, ends: f32, inner: f32 }

@group(0) @binding(0) var<storage, read> x: array<vec2f>;
@group(0) @binding(1) var<storage, read> table: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> out: array<vec2f>;
@group(1) @binding(0) var<uniform> params: Params;

var<workgroup> z: array<vec2f, POINTS>;

fn times(a: vec2f, b: vec2f) -> vec2f {
  return vec2f(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

// Transforms `z` in place; `direction` 1 forward, −1 inverse (times POINTS). At most 8 numbers a
// thread: two butterflies of radix 4, or four of radix 2 in the last stage.
fn transform(local: u32, direction: f32) {
  let quarter = POINTS / 4u;
  var s = 1u;
  var a: array<vec2f, 8>;
  for (; POINTS / s >= 4u; s *= 4u) {
    for (var i = 0u; i < 2u; i++) {
      let j = local + i * THREADS;
      if (j < quarter) {
        for (var r = 0u; r < 4u; r++) { a[4u * i + r] = z[j + r * quarter]; }
      }
    }
    workgroupBarrier();
    for (var i = 0u; i < 2u; i++) {
      let j = local + i * THREADS;
      if (j < quarter) {
        let p = j / s;
        let k = 2u * p * s;
        let to = j + 3u * p * s;
        let ac = a[4u * i] + a[4u * i + 2u];
        let bd = a[4u * i + 1u] + a[4u * i + 3u];
        let m = a[4u * i] - a[4u * i + 2u];
        let d = a[4u * i + 1u] - a[4u * i + 3u];
        let id = direction * vec2f(d.y, -d.x);
        let turn = vec2f(1.0, direction);
        z[to] = ac + bd;
        z[to + s] = times(m + id, turn * table[k]);
        z[to + 2u * s] = times(ac - bd, turn * table[2u * k]);
        z[to + 3u * s] = times(m - id, turn * table[3u * k]);
      }
    }
    workgroupBarrier();
  }
  if (POINTS / s == 2u) {
    for (var i = 0u; i < 4u; i++) {
      let j = local + i * THREADS;
      if (j < s) {
        let u = z[j];
        let v = z[j + s];
        z[j] = u + v;
        z[j + s] = u - v;
      }
    }
    workgroupBarrier();
  }
}

@compute @workgroup_size(THREADS)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let item = flatIndex(group, groups, 0u, 1u);
  if (item >= params.batch) { return; }
  for (var j = local; j < POINTS; j += THREADS) { z[j] = x[item * POINTS + j]; }
  workgroupBarrier();
  transform(local, 1.0);
  let to = item * (POINTS + 1u);
  for (var k = local; k <= POINTS / 2u; k += THREADS) {
    let a = z[k];
    if (k == 0u) {
      out[to] = vec2f(params.ends * (a.x + a.y), 0.0);
      out[to + POINTS] = vec2f(params.ends * (a.x - a.y), 0.0);
    } else {
      let b = z[POINTS - k];
      let sum = vec2f(a.x + b.x, a.y - b.y);
      let d = times(vec2f(a.x - b.x, a.y + b.y), table[k]);
      let t = vec2f(d.y, -d.x);
      out[to + k] = 0.5 * params.inner * (sum + t);
      out[to + POINTS - k] = 0.5 * params.inner * vec2f(sum.x - t.x, t.y - sum.y);
    }
  }
}

@compute @workgroup_size(THREADS)
fn inverse(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let item = flatIndex(group, groups, 0u, 1u);
  if (item >= params.batch) { return; }
  let base = item * (POINTS + 1u);
  for (var k = local; k <= POINTS / 2u; k += THREADS) {
    let a = x[base + k];
    let b = x[base + POINTS - k];
    if (k == 0u) {
      z[0] = params.ends * vec2f(a.x + b.x, a.x - b.x);
    } else {
      let w = table[k];
      let sum = vec2f(a.x + b.x, a.y - b.y);
      let d = times(vec2f(a.x - b.x, a.y + b.y), vec2f(w.x, -w.y));
      let t = vec2f(-d.y, d.x);
      z[k] = 0.5 * params.inner * (sum + t);
      z[POINTS - k] = 0.5 * params.inner * vec2f(sum.x - t.x, t.y - sum.y);
    }
  }
  workgroupBarrier();
  transform(local, -1.0);
  for (var j = local; j < POINTS; j += THREADS) { out[item * POINTS + j] = z[j]; }
}
