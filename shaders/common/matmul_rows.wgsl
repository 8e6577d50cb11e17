// matmul of operands read one float at a time: any sizes.
// #include common/matmul.wgsl

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

fn storeRow(base: u32, row: u32, column: u32, values: vec4f) {
  if (row >= params.m) { return; }
  for (var j = 0u; j < 4u; j++) {
    if (column + j >= params.n) { return; }
    var value = values[j];
    if (BIAS) { value += bias[column + j]; }
    if (RELU) { value = select(value, 0.0, value < 0.0); }
    out[base + row * params.n + column + j] = value;
  }
}
