// What all attention shaders share: which keys count, the sizes, and the mask of dropout.

override MASKED: bool;
override DROPOUT: bool;

struct Params {
  matrices: u32, heads: u32, T: u32, D: u32,
  scale: f32, threshold: u32, keep: f32, key0: u32,
  key1: u32, counter0: u32, counter1: u32,
}

@group(1) @binding(0) var<uniform> params: Params;

/// The random words of query i with keys 2 · pair and 2 · pair + 1: below the threshold they drop.
fn maskWords(matrix: u32, i: u32, pair: u32) -> vec2u {
  let block = (matrix * ((params.T + 1u) / 2u) + pair) * params.T + i;
  return threefry(vec2u(params.key0, params.key1), vec2u(params.counter0, params.counter1), block);
}
