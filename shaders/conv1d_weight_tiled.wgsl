// conv1d_weight_tiled: gradient of the weights [groups · outputs, channels, taps] of a convolution over
// time (Conv1dPlan) by chunks of times, for GPUs: [chunk][weights]; sum_chunks adds the chunks. A workgroup
// computes TILE_O outputs by TILE_K (channel, tap) pairs, DEPTH times at a time through workgroup memory; a
// thread keeps 4×4 of it in registers, so that two vec4s read from there meet 16 multiply-adds.

override TILE_O: u32 = 64u;
override TILE_K: u32 = 64u;
override DEPTH: u32 = 16u;
override THREADS: u32 = 256u; // TILE_O · TILE_K / 16

// #include common/conv1d_weight.wgsl

override HIGH: u32 = TILE_O / 4u; // vec4s
override WIDE: u32 = TILE_K / 4u;

var<workgroup> grads: array<vec4f, DEPTH * HIGH>; // [time][4 outputs]
var<workgroup> inputs: array<vec4f, DEPTH * WIDE>; // [time][4 pairs]

/// `gradient` of output `o` at time `i`, zero past the last output.
fn gradientIn(i: u32, group: u32, o: u32) -> f32 {
  if (o >= params.outputs) { return 0.0; }
  return gradient(i, group, o);
}

/// `source` of pair `k` at time `i`, zero past the last pair.
fn sourceIn(i: u32, group: u32, k: u32) -> f32 {
  if (k >= params.channels * params.taps) { return 0.0; }
  return source(i, group, k);
}

fn fourGradients(i: u32, group: u32, o: u32) -> vec4f {
  return vec4f(gradientIn(i, group, o), gradientIn(i, group, o + 1u), gradientIn(i, group, o + 2u), gradientIn(i, group, o + 3u));
}

fn fourSources(i: u32, group: u32, k: u32) -> vec4f {
  return vec4f(sourceIn(i, group, k), sourceIn(i, group, k + 1u), sourceIn(i, group, k + 2u), sourceIn(i, group, k + 3u));
}

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

  let o = local / WIDE; // fours of them
  let k = local % WIDE;
  var c0 = vec4f(0.0);
  var c1 = vec4f(0.0);
  var c2 = vec4f(0.0);
  var c3 = vec4f(0.0);
  let end = min((chunk + 1u) * p.chunk, p.images * p.count);
  for (var first = chunk * p.chunk; first < end; first += DEPTH) {
    // Neighbouring threads read neighbouring outputs and channels.
    for (var e = local; e < DEPTH * HIGH; e += THREADS) {
      let i = first + e / HIGH;
      var v = vec4f(0.0);
      if (i < end) { v = fourGradients(i, which, o0 + e % HIGH * 4u); }
      grads[e] = v;
    }
    for (var e = local; e < DEPTH * WIDE; e += THREADS) {
      let i = first + e / WIDE;
      var v = vec4f(0.0);
      if (i < end) { v = fourSources(i, which, k0 + e % WIDE * 4u); }
      inputs[e] = v;
    }
    workgroupBarrier();
    for (var i = 0u; i < DEPTH; i++) {
      let a = grads[i * HIGH + o];
      let v = inputs[i * WIDE + k];
      c0 += a.x * v;
      c1 += a.y * v;
      c2 += a.z * v;
      c3 += a.w * v;
    }
    workgroupBarrier();
  }
  storeFour(chunk, which, o0 + 4u * o + 0u, k0 + 4u * k, c0);
  storeFour(chunk, which, o0 + 4u * o + 1u, k0 + 4u * k, c1);
  storeFour(chunk, which, o0 + 4u * o + 2u, k0 + 4u * k, c2);
  storeFour(chunk, which, o0 + 4u * o + 3u, k0 + 4u * k, c3);
}
