// conv_tiled: what a ConvPlan (ops/conv_plan.ts) says, for GPUs: a matrix product of the weights
// [outputs, taps] with the input as taps see it [taps, positions], which is never stored. A workgroup
// computes TILE_O × TILE_P, DEPTH taps at a time through workgroup memory; a
// thread keeps 4×4 of it in registers. x [N, groups·channels, H, W], out [N, groups·outputs, OH, OW].

override BIAS: bool;
override RELU: bool;
override TILE_O: u32 = 64u;
override TILE_P: u32 = 64u;
override DEPTH: u32 = 16u;
override THREADS: u32 = 256u; // TILE_O · TILE_P / 16
// #include common/conv.wgsl

fn storeFour(g: u32, o: u32, position: u32, sums: vec4f) {
  for (var j = 0u; j < 4u; j++) { store(g, o, position + j, sums[j]); }
}

var<workgroup> weights: array<f32, DEPTH * (TILE_O + 1u)>; // [tap][output], an odd pitch
var<workgroup> inputs: array<f32, DEPTH * TILE_P>; // [tap][position]

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let flat = flatIndex(group, groups, 0u, 1u);
  let positions = p.images * p.rows * p.columns;
  let across = (positions + TILE_P - 1u) / TILE_P;
  let down = (p.outputs + TILE_O - 1u) / TILE_O;
  let position0 = flat % across * TILE_P;
  let o0 = flat / across % down * TILE_O;
  let g = flat / across / down;
  if (g >= p.groups) { return; } // the whole workgroup

  let area = p.high * p.wide;
  let taps = p.channels * area;
  // TILE_P divides THREADS: a thread always loads the same position.
  let mine = local % TILE_P;
  let at = origin(min(position0 + mine, positions - 1u), g);
  let o = local / (TILE_P / 4u) * 4u;
  let position = local % (TILE_P / 4u) * 4u;
  var c0 = vec4f(0.0);
  var c1 = vec4f(0.0);
  var c2 = vec4f(0.0);
  var c3 = vec4f(0.0);
  for (var k0 = 0u; k0 < taps; k0 += DEPTH) {
    for (var e = local; e < TILE_O * DEPTH; e += THREADS) {
      let k = k0 + e % DEPTH;
      let output = e / DEPTH;
      var value = 0.0;
      if (k < taps && o0 + output < p.outputs) {
        value = weight(g, o0 + output, vec3u(k / area, k % area / p.wide, k % p.wide));
      }
      weights[e % DEPTH * (TILE_O + 1u) + output] = value;
    }
    for (var row = local / TILE_P; row < DEPTH; row += THREADS / TILE_P) {
      let k = k0 + row;
      var value = 0.0;
      if (k < taps) { value = source(at, vec3u(k / area, k % area / p.wide, k % p.wide)); }
      inputs[row * TILE_P + mine] = value;
    }
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      let a = k * (TILE_O + 1u) + o;
      let b = k * TILE_P + position;
      let v = vec4f(inputs[b], inputs[b + 1u], inputs[b + 2u], inputs[b + 3u]);
      c0 += weights[a] * v;
      c1 += weights[a + 1u] * v;
      c2 += weights[a + 2u] * v;
      c3 += weights[a + 3u] * v;
    }
    workgroupBarrier();
  }
  storeFour(g, o0 + o + 0u, position0 + position, c0);
  storeFour(g, o0 + o + 1u, position0 + position, c1);
  storeFour(g, o0 + o + 2u, position0 + position, c2);
  storeFour(g, o0 + o + 3u, position0 + position, c3);
}
