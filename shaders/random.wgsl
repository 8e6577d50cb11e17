// random: uniform (OP 0) or normal (OP 1) numbers, offset + value · scale. One block of the stream a
// thread, two elements. Logarithm, cosine and sine are the CPU kernels' polynomials: drivers' own are too coarse.

override OP: u32;

struct Params {
  n: u32, key0: u32, key1: u32, counter0: u32,
  counter1: u32, offset: f32, scale: f32,
}

@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

const UNIT: f32 = 1.0 / 16777216.0;

/// √(−2 ln u), u = (the word's upper 24 bits + 1) / 2^24.
fn radius(word: u32) -> f32 {
  let bits = bitcast<u32>(f32((word >> 8u) + 1u) * UNIT);
  var e = f32(i32(bits >> 23u) - 126);
  var m = bitcast<f32>((bits & 0x007fffffu) | 0x3f000000u);
  if (m < 0.707106781186547524) {
    e -= 1.0;
    m += m;
  }
  m -= 1.0;
  let z = m * m;
  var y = 7.0376836292e-2;
  y = y * m - 1.1514610310e-1;
  y = y * m + 1.1676998740e-1;
  y = y * m - 1.2420140846e-1;
  y = y * m + 1.4249322787e-1;
  y = y * m - 1.6668057665e-1;
  y = y * m + 2.0000714765e-1;
  y = y * m - 2.4999993993e-1;
  y = y * m + 3.3333331174e-1;
  y = y * m * z - 2.12194440e-4 * e - 0.5 * z;
  return sqrt(max(-2.0 * (m + y + 0.693359375 * e), 0.0));
}

/// Cosine and sine of 2π times the word's upper 24 bits / 2^24.
fn circle(word: u32) -> vec2f {
  let turn = word >> 8u;
  let quadrant = (turn + (1u << 21u)) >> 22u;
  let x = f32(i32(turn) - i32(quadrant << 22u)) * 3.7450702829239e-7;
  let z = x * x;
  let s = ((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1) * z * x + x;
  let c = ((2.443315711809948e-5 * z - 1.388731625493765e-3) * z + 4.166664568298827e-2) * z * z - 0.5 * z + 1.0;
  switch quadrant & 3u {
    case 0u: { return vec2f(c, s); }
    case 1u: { return vec2f(-s, c); }
    case 2u: { return vec2f(-c, -s); }
    default: { return vec2f(s, -c); }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let block = flatIndex(group, groups, local, 64u);
  let i = 2u * block;
  if (i >= params.n) { return; }
  let words = threefry(vec2u(params.key0, params.key1), vec2u(params.counter0, params.counter1), block);
  var values = vec2f(words >> vec2u(8u)) * UNIT;
  if (OP == 1u) { values = radius(words.x) * circle(words.y); }
  values = params.offset + values * params.scale;
  out[i] = values.x;
  if (i + 1u < params.n) { out[i + 1u] = values.y; }
}
