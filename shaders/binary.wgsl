// binary: out = f(a, b) with broadcasting, f chosen by the constant OP (the order of `BINARY` in
// ops/elementwise.ts). One element a thread; a run of `inner` elements steps by 0 or 1 in each
// operand, outer dimensions (innermost first) hold size, strideA, strideB.

override OP: u32;

struct Params {
  n: u32, inner: u32, stepA: u32, stepB: u32,
  outer: array<vec4u, 6>,
  rank: u32,
}

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

fn apply(x: f32, y: f32) -> f32 {
  switch OP {
    case 0u: { return x + y; }
    case 1u: { return x - y; }
    case 2u: { return x * y; }
    case 3u: { return x / y; }
    case 4u: { return max(x, y); }
    case 5u: { return min(x, y); }
    case 6u: { return select(0.0, 1.0, x > y); }
    case 7u: { return select(0.0, 1.0, x == y); }
    case 8u: { return select(0.0, x, y > 0.0); }
    case 9u: { return x * (normalCdf(y) + y * 0.3989422804 * exp(-0.5 * y * y)); }
    case 10u: { return x * (1.0 - y * y); }
    default: { return x * y * (1.0 - y); }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  var row = i / params.inner;
  let column = i - row * params.inner;
  var ia = column * params.stepA;
  var ib = column * params.stepB;
  for (var d = 0u; d < params.rank; d++) {
    let dim = params.outer[d];
    let rest = row / dim.x;
    let index = row - rest * dim.x;
    ia += index * dim.y;
    ib += index * dim.z;
    row = rest;
  }
  out[i] = apply(a[ia], b[ib]);
}
