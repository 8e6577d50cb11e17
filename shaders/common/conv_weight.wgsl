// What conv_weight and conv_weight_tiled share: a ConvPlan and its chunks, and the output's gradient.
// #include common/conv_weight_places.wgsl

@group(0) @binding(1) var<storage, read> g: array<u32>;

fn gAt(i: u32) -> f32 {
  if (HALF) { return halfOf(g[i >> 1u], i); }
  return bitcast<f32>(g[i]);
}
