// pool: max and average over windows of maps [H, W], x [maps, H, W] → y [maps, h, w]. One output a
// thread. Padding is −∞ for the maximum, where NaN wins; averages divide by the whole window, or
// without includePad by the values inside the map.

struct Params {
  n: u32, H: i32, W: i32, h: i32, w: i32, kh: i32, kw: i32, sh: i32, sw: i32, ph: i32, pw: i32,
  includePad: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

struct Window { base: i32, r0: i32, r1: i32, c0: i32, c1: i32 }

fn windowOf(i: i32) -> Window {
  let top = i / params.w % params.h * params.sh - params.ph;
  let left = i % params.w * params.sw - params.pw;
  return Window(
    i / (params.w * params.h) * params.H * params.W,
    max(top, 0), min(top + params.kh, params.H), max(left, 0), min(left + params.kw, params.W),
  );
}

@compute @workgroup_size(64)
fn maximum(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  let win = windowOf(i32(i));
  var best = x[win.base + win.r0 * params.W + win.c0];
  for (var r = win.r0; r < win.r1; r++) {
    for (var c = win.c0; c < win.c1; c++) {
      let v = x[win.base + r * params.W + c];
      if (v > best || isNan(v)) { best = v; }
    }
  }
  y[i] = best;
}

@compute @workgroup_size(64)
fn average(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  let win = windowOf(i32(i));
  var total = 0.0;
  for (var r = win.r0; r < win.r1; r++) {
    for (var c = win.c0; c < win.c1; c++) { total += x[win.base + r * params.W + c]; }
  }
  let inside = (win.r1 - win.r0) * (win.c1 - win.c0);
  y[i] = total / f32(select(inside, params.kh * params.kw, params.includePad == 1u));
}
