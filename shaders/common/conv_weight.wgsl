// What conv_weight and conv_weight_tiled share: a ConvPlan and its chunks, what an output position and a
// tap bring together, and where their sum is stored.
// #include common/conv_weight_places.wgsl

@group(0) @binding(1) var<storage, read> g: array<u32>;

fn gAt(i: u32) -> f32 {
  if (HALF) { return halfOf(g[i >> 1u], i); }
  return bitcast<f32>(g[i]);
}

/// Gradient of output `o` of a group at a position.
fn gradient(at: vec3u, group: u32, o: u32) -> f32 {
  let p = params;
  let map = (at.x * p.groups + group) * p.outputs + o;
  return gAt((map * p.rows + at.y) * p.columns + at.z);
}

fn tapOf(k: u32) -> vec3u {
  let area = params.high * params.wide;
  return vec3u(k / area, k % area / params.wide, k % params.wide);
}
