// What attention and attention_grad share: the options, the sizes, the mask of dropout, and how SHARE threads
// lay out what they share.
// #include common/half.wgsl

override SHARE: u32; // 4 or 8
override MASKED: bool;
override DROPOUT: bool;

struct Params {
  matrices: u32, heads: u32, T: u32, D: u32,
  scale: f32, threshold: u32, keep: f32, key0: u32,
  key1: u32, counter0: u32, counter1: u32,
}

@group(1) @binding(0) var<uniform> params: Params;

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

/// The random words of query i with keys 2 · pair and 2 · pair + 1: below the threshold they drop.
fn maskWords(matrix: u32, i: u32, pair: u32) -> vec2u {
  let block = (matrix * ((params.T + 1u) / 2u) + pair) * params.T + i;
  return threefry(vec2u(params.key0, params.key1), vec2u(params.counter0, params.counter1), block);
}
