// What an adapter can do at most, for the roofline: multiply-adds on registers alone. A thread keeps eight
// vec4s that do not wait for each other, and writes their sum so that nothing is left out: 64 · trips
// operations a thread.

struct Params { trips: u32, seed: f32 }

@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 256u);
  let x = vec4f(params.seed);
  let y = vec4f(f32(local) * params.seed);
  var a = y;
  var b = y + 1.0;
  var c = y + 2.0;
  var d = y + 3.0;
  var e = y + 4.0;
  var f = y + 5.0;
  var g = y + 6.0;
  var h = y + 7.0;
  for (var t = 0u; t < params.trips; t++) {
    a = fma(a, x, y);
    b = fma(b, x, y);
    c = fma(c, x, y);
    d = fma(d, x, y);
    e = fma(e, x, y);
    f = fma(f, x, y);
    g = fma(g, x, y);
    h = fma(h, x, y);
  }
  let sum = a + b + c + d + e + f + g + h;
  out[i] = sum.x + sum.y + sum.z + sum.w;
}
