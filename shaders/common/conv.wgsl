// What conv and conv_tiled share: a ConvPlan, its weights where they lie, and how a sum is stored.
// #include common/conv_places.wgsl

@group(0) @binding(1) var<storage, read> w: array<u32>;

fn wAt(i: u32) -> f32 {
  if (HALF) { return halfOf(w[i >> 1u], i); }
  return bitcast<f32>(w[i]);
}

fn weight(g: u32, o: u32, tap: vec3u) -> f32 {
  let p = params;
  return wAt(u32(p.wFirst + i32(g) * p.wGroup + i32(o) * p.wOutput + i32(tap.x) * p.wChannel +
    i32(tap.y) * p.wRow + i32(tap.z) * p.wColumn));
}
