// What every matmul shader shares: the options, the product's sizes, and which matrices meet.

override TRANSPOSE_A: bool;
override TRANSPOSE_B: bool;
override BIAS: bool;
override RELU: bool;

struct Params {
  m: u32, k: u32, n: u32, matrices: u32,
  batch: array<vec4u, 4>, // size, stride in a, stride in b (matrices), innermost first
  slices: u32, slice: u32,
}

@group(1) @binding(0) var<uniform> params: Params;

/// Matrices of a and b that meet in matrix `i` of the result.
fn operands(i: u32) -> vec2u {
  var rest = i;
  var found = vec2u(0u);
  for (var d = 0u; d < 4u; d++) {
    let dim = params.batch[d];
    found += rest % dim.x * dim.yz;
    rest /= dim.x;
  }
  return found;
}
