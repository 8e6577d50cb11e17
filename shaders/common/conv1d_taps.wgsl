// How tiled convolutions over time find what a (channel, tap) pair meets: by sums alone, since times and pairs are
// each divided into their parts once for a whole workgroup. Taps run innermost, as weights lie.

/// How far pair `k` reaches from a window's first time and element.
fn reach(k: u32) -> vec2i {
  let p = params;
  let times = i32(k % p.taps) * p.dilation;
  return vec2i(times, times * i32(p.groups * p.channels) + i32(k / p.taps));
}

/// Where the window of row `i` begins (all images' rows counted): time, which may lie outside, and element.
fn windowOf(i: u32, g: u32) -> vec2i {
  let p = params;
  let time = i32(i % p.count) * p.stride - p.before;
  let start = (i32(i / p.count) * p.length + time) * i32(p.groups) + i32(g);
  return vec2i(time, start * i32(p.channels));
}

/// Input of the window that begins at time and element `at` under a pair: zero outside. No branch: several loads
/// are under way at once.
fn inputAt(at: vec2i, pair: vec2i) -> f32 {
  // As unsigned, what lies before the first time is past the last.
  let inside = u32(at.x + pair.x) < u32(params.length);
  return select(0.0, xAt(u32(select(0, at.y + pair.y, inside))), inside);
}
