// matmul: out[batch, m, n] = a · b (+ bias) (then ReLU). One output a thread.

override TRANSPOSE_A: bool;
override TRANSPOSE_B: bool;
override BIAS: bool;
override RELU: bool;

struct Params { m: u32, k: u32, n: u32, total: u32, batch: array<vec4u, 4> }

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.total) { return; }
  let column = i % params.n;
  let row = i / params.n % params.m;
  var rest = i / params.n / params.m;
  var matrixA = 0u;
  var matrixB = 0u;
  for (var d = 0u; d < 4u; d++) {
    let dim = params.batch[d];
    let index = rest % dim.x;
    matrixA += index * dim.y;
    matrixB += index * dim.z;
    rest /= dim.x;
  }
  let stepA = select(1u, params.m, TRANSPOSE_A);
  let stepB = select(params.n, 1u, TRANSPOSE_B);
  var ia = matrixA * params.m * params.k + select(row * params.k, row, TRANSPOSE_A);
  var ib = matrixB * params.k * params.n + select(column, column * params.k, TRANSPOSE_B);
  var total = 0.0;
  for (var k = 0u; k < params.k; k++) {
    total += a[ia] * b[ib];
    ia += stepA;
    ib += stepB;
  }
  if (BIAS) { total += bias[column]; }
  if (RELU) { total = select(total, 0.0, total < 0.0); }
  out[i] = total;
}
