// conv: what a ConvPlan (ops/conv_plan.ts) says: forward convolution, or one residue of the input's
// gradient. x [N, groups·channels, H, W], out [N, groups·outputs, OH, OW]. A thread keeps 4 outputs by
// 4 positions in registers and uses no workgroup memory, which is no faster than any
// other on a software adapter. (lavapipe gains by it all the same where channels are many, SwiftShader loses.)

override BIAS: bool;
override RELU: bool;
// #include common/conv.wgsl

fn weight(g: u32, o: u32, tap: vec3u) -> f32 {
  let p = params;
  return wAt(u32(p.wFirst + i32(g) * p.wGroup + i32(o) * p.wOutput + i32(tap.x) * p.wChannel +
    i32(tap.y) * p.wRow + i32(tap.z) * p.wColumn));
}

fn storeFour(g: u32, o: u32, position: u32, sums: vec4f) {
  for (var j = 0u; j < 4u; j++) { store(g, o, position + j, sums[j]); }
}

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let flat = flatIndex(group, groups, local, 16u);
  let positions = p.images * p.rows * p.columns;
  let across = (positions + 3u) / 4u;
  let down = (p.outputs + 3u) / 4u;
  let position = flat % across * 4u;
  let o = flat / across % down * 4u;
  let g = flat / across / down;
  if (g >= p.groups) { return; }
  // What is past the last position or output is the last again; it is not stored.
  let at0 = origin(min(position + 0u, positions - 1u), g);
  let at1 = origin(min(position + 1u, positions - 1u), g);
  let at2 = origin(min(position + 2u, positions - 1u), g);
  let at3 = origin(min(position + 3u, positions - 1u), g);
  let o1 = min(o + 1u, p.outputs - 1u);
  let o2 = min(o + 2u, p.outputs - 1u);
  let o3 = min(o + 3u, p.outputs - 1u);
  var c0 = vec4f(0.0);
  var c1 = vec4f(0.0);
  var c2 = vec4f(0.0);
  var c3 = vec4f(0.0);
  for (var c = 0u; c < p.channels; c++) {
    for (var i = 0u; i < p.high; i++) {
      for (var j = 0u; j < p.wide; j++) {
        let tap = vec3u(c, i, j);
        let v = vec4f(source(at0, tap), source(at1, tap), source(at2, tap), source(at3, tap));
        c0 += weight(g, o, tap) * v;
        c1 += weight(g, o1, tap) * v;
        c2 += weight(g, o2, tap) * v;
        c3 += weight(g, o3, tap) * v;
      }
    }
  }
  storeFour(g, o + 0u, position, c0);
  storeFour(g, o + 1u, position, c1);
  storeFour(g, o + 2u, position, c2);
  storeFour(g, o + 3u, position, c3);
}
