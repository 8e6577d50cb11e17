// pool_grad: dx [maps, H, W] of max and average pooling from dy [maps, h, w]; x is read by the maximum
// alone. One input a thread, which visits every window that holds it: nothing is added by two threads.

struct Params {
  n: u32, H: i32, W: i32, h: i32, w: i32, kh: i32, kw: i32, sh: i32, sw: i32, ph: i32, pw: i32,
  includePad: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

// Windows along one axis that hold coordinate `at`: from x up to, not including, y.
fn holders(at: i32, size: i32, stride: i32, padding: i32, windows: i32) -> vec2i {
  let last = (at + padding) / stride;
  let before = at + padding - size;
  let first = select(before / stride + 1, 0, before < 0);
  return vec2i(first, min(last + 1, windows));
}

// Whether the first largest of window (r, c) lies at `place` of the map at `base`.
fn wins(base: i32, r: i32, c: i32, place: i32) -> bool {
  let top = r * params.sh - params.ph;
  let left = c * params.sw - params.pw;
  let c0 = max(left, 0);
  let r0 = max(top, 0);
  var winner = r0 * params.W + c0;
  var best = x[base + winner];
  for (var i = r0; i < min(top + params.kh, params.H); i++) {
    for (var j = c0; j < min(left + params.kw, params.W); j++) {
      let v = x[base + i * params.W + j];
      if (v > best || isNan(v)) { best = v; winner = i * params.W + j; }
    }
  }
  return winner == place;
}

@compute @workgroup_size(64)
fn maximum(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  let size = params.H * params.W;
  let map = i32(i) / size;
  let place = i32(i) - map * size;
  let rows = holders(place / params.W, params.kh, params.sh, params.ph, params.h);
  let columns = holders(place % params.W, params.kw, params.sw, params.pw, params.w);
  var total = 0.0;
  for (var r = rows.x; r < rows.y; r++) {
    for (var c = columns.x; c < columns.y; c++) {
      if (wins(map * size, r, c, place)) { total += dy[(map * params.h + r) * params.w + c]; }
    }
  }
  dx[i] = total;
}

@compute @workgroup_size(64)
fn average(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  let size = params.H * params.W;
  let map = i32(i) / size;
  let place = i32(i) - map * size;
  let rows = holders(place / params.W, params.kh, params.sh, params.ph, params.h);
  let columns = holders(place % params.W, params.kw, params.sw, params.pw, params.w);
  var total = 0.0;
  for (var r = rows.x; r < rows.y; r++) {
    for (var c = columns.x; c < columns.y; c++) {
      let top = r * params.sh - params.ph;
      let left = c * params.sw - params.pw;
      let inside = (min(top + params.kh, params.H) - max(top, 0)) *
        (min(left + params.kw, params.W) - max(left, 0));
      let divisor = select(inside, params.kh * params.kw, params.includePad == 1u);
      total += dy[(map * params.h + r) * params.w + c] / f32(divisor);
    }
  }
  dx[i] = total;
}
