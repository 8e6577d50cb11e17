// cast: f32 to f16, two a word, or back. A thread takes two elements: a word of halves, so that no two
// threads write the same one. Rounding is done on the bits: WGSL leaves that of pack2x16float, and what is
// past its range, to the driver.
// #include common/half.wgsl

override TO_HALF: bool;

struct Params { n: u32 }

@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> out: array<u32>;
@group(1) @binding(0) var<uniform> params: Params;

/// The bits of the half nearest to an f32 given by its bits, ties to even.
fn nearest(bits: u32) -> u32 {
  let sign = (bits >> 16u) & 0x8000u;
  let a = bits & 0x7fffffffu;
  if (a > 0x7f800000u) { return sign | 0x7e00u; }
  if (a >= 0x477ff000u) { return sign | 0x7c00u; } // from 65,520 on, halfway to what is no half any more
  // Below 2⁻¹⁴: beside ½ the last bit of the fraction is worth 2⁻²⁴, as it is in a small half.
  if (a < 0x38800000u) { return sign | (bitcast<u32>(bitcast<f32>(a) + 0.5) - 0x3f000000u); }
  return sign | ((a + 0xfffu + ((a >> 13u) & 1u) - 0x38000000u) >> 13u);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u) * 2u;
  if (i >= params.n) { return; }
  let both = i + 1u < params.n;
  if (TO_HALF) {
    var word = nearest(x[i]);
    if (both) { word |= nearest(x[i + 1u]) << 16u; }
    out[i / 2u] = word;
  } else {
    let word = x[i / 2u];
    out[i] = bitcast<u32>(halfOf(word, 0u));
    if (both) { out[i + 1u] = bitcast<u32>(halfOf(word, 1u)); }
  }
}
