// unary: out[i] = f(x[i]), f chosen by the constant OP (the order of `UNARY` in ops/elementwise.ts).
// One element a thread.

override OP: u32;

struct Params { n: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

fn apply(v: f32) -> f32 {
  switch OP {
    case 0u: { return -v; }
    case 1u: { return exp(v); }
    case 2u: { return log(v); }
    case 3u: { return sqrt(v); }
    case 4u: { return safeTanh(v); }
    case 5u: { return 1.0 / (1.0 + exp(-v)); }
    case 6u: { return select(v, 0.0, v < 0.0); }
    case 7u: { return v * normalCdf(v); }
    case 8u: { return v * v; }
    case 9u: { return abs(v); }
    default: { return 1.0 / v; }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  out[i] = apply(x[i]);
}
