// Prepended to every shader.

/// Index of a one-dimensional invocation whose grid may have been folded into y (see linearGrid):
/// workgroups of `size` threads along x.
fn flatIndex(group: vec3u, groups: vec3u, local: u32, size: u32) -> u32 {
  return (group.y * groups.x + group.x) * size + local;
}

/// tanh, safe where a driver's own overflows (|x| ≥ 89 is NaN on one software adapter).
fn safeTanh(x: f32) -> f32 {
  return tanh(clamp(x, -20.0, 20.0));
}

/// Φ(x) = ½ erfc(−x/√2), small tails included (erfc after Numerical Recipes §6.2).
fn normalCdf(x: f32) -> f32 {
  let u = abs(x) * 0.70710678118654752;
  let t = 1.0 / (1.0 + 0.5 * u);
  var y = 0.17087277;
  y = y * t - 0.82215223;
  y = y * t + 1.48851587;
  y = y * t - 1.13520398;
  y = y * t + 0.27886807;
  y = y * t - 0.18628806;
  y = y * t + 0.09678418;
  y = y * t + 0.37409196;
  y = y * t + 1.00002368;
  y = y * t - 1.26551223;
  let tail = 0.5 * t * exp(y - u * u);
  return select(tail, 1.0 - tail, x > 0.0);
}

/// Whether x is NaN, by its bits: compilers may take x != x for false.
fn isNan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

fn rotl(x: u32, r: u32) -> u32 {
  return (x << r) | (x >> (32u - r));
}

/// Block `index` after `counter` (low word first) of a random stream: Threefry-2x32 with 20 rounds, as
/// engine/random.ts has it.
fn threefry(key: vec2u, counter: vec2u, index: u32) -> vec2u {
  let k2 = 0x1bd11bdau ^ key.x ^ key.y;
  var a = counter.x + index;
  var b = counter.y + select(0u, 1u, a < index);
  a += key.x;
  b += key.y;
  a = a + b;
  b = rotl(b, 13u) ^ a;
  a = a + b;
  b = rotl(b, 15u) ^ a;
  a = a + b;
  b = rotl(b, 26u) ^ a;
  a = a + b;
  b = rotl(b, 6u) ^ a;
  a = a + key.y;
  b = b + k2 + 1u;
  a = a + b;
  b = rotl(b, 17u) ^ a;
  a = a + b;
  b = rotl(b, 29u) ^ a;
  a = a + b;
  b = rotl(b, 16u) ^ a;
  a = a + b;
  b = rotl(b, 24u) ^ a;
  a = a + k2;
  b = b + key.x + 2u;
  a = a + b;
  b = rotl(b, 13u) ^ a;
  a = a + b;
  b = rotl(b, 15u) ^ a;
  a = a + b;
  b = rotl(b, 26u) ^ a;
  a = a + b;
  b = rotl(b, 6u) ^ a;
  a = a + key.x;
  b = b + key.y + 3u;
  a = a + b;
  b = rotl(b, 17u) ^ a;
  a = a + b;
  b = rotl(b, 29u) ^ a;
  a = a + b;
  b = rotl(b, 16u) ^ a;
  a = a + b;
  b = rotl(b, 24u) ^ a;
  a = a + key.y;
  b = b + k2 + 4u;
  a = a + b;
  b = rotl(b, 13u) ^ a;
  a = a + b;
  b = rotl(b, 15u) ^ a;
  a = a + b;
  b = rotl(b, 26u) ^ a;
  a = a + b;
  b = rotl(b, 6u) ^ a;
  a = a + k2;
  b = b + key.x + 5u;
  return vec2u(a, b);
}
