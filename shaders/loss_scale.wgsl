// loss_scale: ends a step of scaled losses (ops/loss_scale.ts): scale [1] and counts [2] in place, from norms
// [networks, 2], of which the second is the norm, to out [networks, 3]: factor (−1: skip), norm without the
// scale, steps skipped so far. One thread.

struct Params { networks: u32, interval: u32, clip: u32, most: f32 }

@group(0) @binding(0) var<storage, read_write> scale: array<f32>;
@group(0) @binding(1) var<storage, read_write> counts: array<f32>;
@group(0) @binding(2) var<storage, read> norms: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

/// Neither infinite nor NaN, by its bits: compilers may take such numbers for impossible.
fn isFinite(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

@compute @workgroup_size(1)
fn main() {
  let now = scale[0];
  var finite = true;
  for (var i = 0u; i < params.networks; i++) { finite = finite && isFinite(norms[2u * i + 1u]); }
  if (finite) {
    counts[0] += 1.0;
    if (counts[0] >= f32(params.interval)) {
      scale[0] = min(now * 2.0, 16777216.0);
      counts[0] = 0.0;
    }
  } else {
    scale[0] = max(now / 2.0, 1.0 / 16777216.0);
    counts[0] = 0.0;
    counts[1] += 1.0;
  }
  for (var i = 0u; i < params.networks; i++) {
    let norm = norms[2u * i + 1u] / now;
    var factor = 1.0;
    if (params.clip != 0u) { factor = min(1.0, params.most / (norm + 1e-6)); }
    out[3u * i] = select(-1.0, factor / now, finite);
    out[3u * i + 1u] = norm;
    out[3u * i + 2u] = counts[1];
  }
}
