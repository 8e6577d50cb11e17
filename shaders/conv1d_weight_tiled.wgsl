// conv1d_weight_tiled: gradient of the weights [groups · outputs, channels, taps] of a convolution over
// time (Conv1dPlan) by chunks of times, for GPUs: [chunk][weights]; sum_chunks adds the chunks. A workgroup
// of 256 threads computes TILE_O outputs by TILE_K (channel, tap) pairs (4096 in all), DEPTH times at a time
// through workgroup memory; a thread keeps 4×4 of it in registers.

override TILE_O: u32 = 64u;
override TILE_K: u32 = 64u;
override DEPTH: u32 = 16u;
override THREADS: u32 = 256u; // TILE_O · TILE_K / 16

// #include common/conv1d_weight.wgsl

var<workgroup> grads: array<f32, DEPTH * TILE_O>; // [time][output]
var<workgroup> inputs: array<f32, DEPTH * TILE_K>; // [time][pair]

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let flat = flatIndex(group, groups, 0u, 1u);
  let columns = p.channels * p.taps;
  let across = (columns + TILE_K - 1u) / TILE_K;
  let down = (p.outputs + TILE_O - 1u) / TILE_O;
  let k0 = flat % across * TILE_K;
  let o0 = flat / across % down * TILE_O;
  let rest = flat / across / down;
  let which = rest % p.groups;
  let chunk = rest / p.groups;
  if (chunk >= p.chunks) { return; } // the whole workgroup

  let o = local / (TILE_K / 4u) * 4u;
  let k = local % (TILE_K / 4u) * 4u;
  var c0 = vec4f(0.0);
  var c1 = vec4f(0.0);
  var c2 = vec4f(0.0);
  var c3 = vec4f(0.0);
  let end = min((chunk + 1u) * p.chunk, p.images * p.count);
  for (var first = chunk * p.chunk; first < end; first += DEPTH) {
    // Neighbouring threads read neighbouring outputs and channels.
    for (var e = local; e < DEPTH * TILE_O; e += THREADS) {
      let i = first + e / TILE_O;
      let output = o0 + e % TILE_O;
      var v = 0.0;
      if (i < end && output < p.outputs) { v = gradient(i, which, output); }
      grads[e] = v;
    }
    for (var e = local; e < DEPTH * TILE_K; e += THREADS) {
      let i = first + e / TILE_K;
      let pair = k0 + e % TILE_K;
      var v = 0.0;
      if (i < end && pair < columns) { v = source(i, which, pair); }
      inputs[e] = v;
    }
    workgroupBarrier();
    for (var i = 0u; i < DEPTH; i++) {
      let a = i * TILE_O + o;
      let b = i * TILE_K + k;
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
