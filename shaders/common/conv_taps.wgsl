// How tiled convolutions find what a tap meets: places and taps are told apart by sums alone, since each is
// divided into its parts once for a whole workgroup.

fn tapOf(k: u32) -> vec3u {
  let area = params.high * params.wide;
  return vec3u(k / area, k % area / params.wide, k % params.wide);
}

/// How far a tap (channel, row, column) reaches from a window's first element: rows, columns, elements; then
/// what its input is outside the image. Past the last channel it is always outside, and stands for the bias,
/// whose input is 1.
fn reach(tap: vec3u) -> vec4i {
  let p = params;
  let bias = tap.x >= p.channels;
  let row = i32(tap.y) * p.dilationY;
  let column = i32(tap.z) * p.dilationX;
  let elements = (i32(tap.x) * p.height + row) * p.width + column;
  return vec4i(select(row, 1 << 30u, bias), column, elements, i32(bias));
}

/// Input of the window that begins at row, column and element `at`, any of which may lie outside the image. No
/// branch: loads of several taps are under way at once.
fn inputAt(at: vec3i, tap: vec4i) -> f32 {
  // As unsigned, what lies before the first row or column is past the last.
  let inside = all(vec2u(at.xy + tap.xy) < vec2u(vec2i(params.height, params.width)));
  return select(f32(tap.w), xAt(u32(select(0, at.z + tap.z, inside))), inside);
}

fn fourInputs(at: vec3i, t0: vec4i, t1: vec4i, t2: vec4i, t3: vec4i) -> vec4f {
  return vec4f(inputAt(at, t0), inputAt(at, t1), inputAt(at, t2), inputAt(at, t3));
}
