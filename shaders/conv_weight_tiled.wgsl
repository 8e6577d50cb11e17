// conv_weight_tiled: partial gradients of weights and bias of a convolution (ConvPlan), for GPUs: a
// matrix product of the output's gradient [outputs, positions] with the input as taps see it
// [positions, taps], over chunks of positions: [chunk][weights, then biases]; sum_chunks adds the chunks.
// A workgroup computes TILE_O × TILE_K, DEPTH positions at a time through
// workgroup memory; a thread keeps 4×4 of it in registers.

override TILE_O: u32 = 64u;
override TILE_K: u32 = 64u;
override DEPTH: u32 = 16u;
override THREADS: u32 = 256u; // TILE_O · TILE_K / 16

// #include common/conv_weight.wgsl

fn storeFour(chunk: u32, group: u32, o: u32, k: u32, sums: vec4f) {
  for (var j = 0u; j < 4u; j++) { store(chunk, group, o, k + j, sums[j]); }
}

var<workgroup> grads: array<f32, DEPTH * (TILE_O + 1u)>; // [position][output], an odd pitch
var<workgroup> inputs: array<f32, DEPTH * (TILE_K + 1u)>; // [position][tap], the same

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let flat = flatIndex(group, groups, 0u, 1u);
  let taps = p.channels * p.high * p.wide;
  let across = (taps + TILE_K) / TILE_K; // with the bias
  let down = (p.outputs + TILE_O - 1u) / TILE_O;
  let k0 = flat % across * TILE_K;
  let o0 = flat / across % down * TILE_O;
  let rest = flat / across / down;
  let which = rest % p.groups;
  let chunk = rest / p.groups;
  if (chunk >= p.chunks) { return; } // the whole workgroup

  let o = local / (TILE_K / 4u) * 4u;
  let k = local % (TILE_K / 4u) * 4u;
  // DEPTH divides THREADS: a thread always loads the same position of a tile.
  let mine = local % DEPTH;
  var c0 = vec4f(0.0);
  var c1 = vec4f(0.0);
  var c2 = vec4f(0.0);
  var c3 = vec4f(0.0);
  let end = min((chunk + 1u) * p.chunk, p.images * p.rows * p.columns);
  for (var first = chunk * p.chunk; first < end; first += DEPTH) {
    let inside = first + mine < end;
    let at = place(min(first + mine, end - 1u));
    for (var row = local / DEPTH; row < TILE_O; row += THREADS / DEPTH) {
      var value = 0.0;
      if (inside && o0 + row < p.outputs) { value = gradient(at, which, o0 + row); }
      grads[mine * (TILE_O + 1u) + row] = value;
    }
    for (var row = local / DEPTH; row < TILE_K; row += THREADS / DEPTH) {
      var value = 0.0;
      if (inside && k0 + row <= taps) { value = source(at, which, tapOf(k0 + row)); }
      inputs[mine * (TILE_K + 1u) + row] = value;
    }
    workgroupBarrier();
    for (var i = 0u; i < DEPTH; i++) {
      let a = i * (TILE_O + 1u) + o;
      let b = i * (TILE_K + 1u) + k;
      let v = vec4f(inputs[b], inputs[b + 1u], inputs[b + 2u], inputs[b + 3u]);
      c0 += grads[a] * v;
      c1 += grads[a + 1u] * v;
      c2 += grads[a + 2u] * v;
      c3 += grads[a + 3u] * v;
    }
    workgroupBarrier();
  }
  storeFour(chunk, which, o0 + o + 0u, k0 + k, c0);
  storeFour(chunk, which, o0 + o + 1u, k0 + k, c1);
  storeFour(chunk, which, o0 + o + 2u, k0 + k, c2);
  storeFour(chunk, which, o0 + o + 3u, k0 + k, c3);
}
