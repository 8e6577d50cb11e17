// What attention and attention_grad share: what all attention shaders do, and how SHARE threads lay out what
// they share.
// #include common/half.wgsl
// #include common/attention_mask.wgsl

override SHARE: u32; // 4 or 8
override WIDE: u32 = 4u * SHARE; // vec4s of channels
// Cells of SHARE threads: TILE · SHARE, and where there is room 4 to spread them over the memory banks.
override GROUP: u32 = (TILE - 1u) * SHARE + 8u;

/// Which of channels d … d + 3 are the head's own.
fn inside(d: u32) -> vec4<bool> {
  return vec4u(d, d + 1u, d + 2u, d + 3u) < vec4u(params.D);
}

/// Where the words of element `i` begin.
fn wordOf(i: u32) -> u32 {
  return select(i, i / 2u, HALF);
}

/// Channels d … d + 3 from `at` on, out of the four words from wordOf(at + d) on: zero past the head's own.
fn fourOf(words: vec4u, at: u32, d: u32) -> vec4f {
  var four = bitcast<vec4f>(words);
  if (HALF) {
    let low = unpack2x16float(words.x);
    let high = unpack2x16float(words.y);
    four = vec4f(low, high);
    if (((at + d) & 1u) == 1u) { four = vec4f(low.y, high, unpack2x16float(words.z).x); }
  }
  return select(vec4f(0.0), four, inside(d));
}
