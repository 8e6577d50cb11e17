// What conv and conv_tiled share: a ConvPlan, its weights, and how a sum is stored.
// #include common/conv_places.wgsl

@group(0) @binding(1) var<storage, read> w: array<u32>;

fn wAt(i: u32) -> f32 {
  if (HALF) { return halfOf(w[i >> 1u], i); }
  return bitcast<f32>(w[i]);
}
