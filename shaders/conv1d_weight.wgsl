// conv1d_weight: gradient of the weights [groups · outputs, channels, taps] of a convolution over time
// (Conv1dPlan) by chunks of times: [chunk][weights]; sum_chunks adds the chunks. A thread keeps 4 outputs by
// 4 (channel, tap) pairs in registers and uses no workgroup memory, which only costs on a software adapter.

// #include common/conv1d_weight.wgsl

/// Input that time `i` of the output meets under weight `k` of a group's outputs: zero outside.
fn source(i: u32, group: u32, k: u32) -> f32 {
  let p = params;
  let t = i32(i % p.count) * p.stride - p.before + i32(k % p.taps) * p.dilation;
  if (t < 0 || t >= p.length) { return 0.0; }
  let time = u32(i32(i / p.count) * p.length + t);
  return xAt((time * p.groups + group) * p.channels + k / p.taps);
}

fn storeFour(chunk: u32, group: u32, o: u32, k: u32, sums: vec4f) {
  let p = params;
  let columns = p.channels * p.taps;
  if (o >= p.outputs) { return; }
  for (var j = 0u; j < 4u; j++) {
    if (k + j >= columns) { return; }
    partial[((chunk * p.groups + group) * p.outputs + o) * columns + k + j] = sums[j];
  }
}

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let flat = flatIndex(group, groups, local, 16u);
  let columns = p.channels * p.taps;
  let across = (columns + 3u) / 4u;
  let down = (p.outputs + 3u) / 4u;
  let k = flat % across * 4u;
  let o = flat / across % down * 4u;
  let rest = flat / across / down;
  let which = rest % p.groups;
  let chunk = rest / p.groups;
  if (chunk >= p.chunks) { return; }
  // Outputs and pairs past the last are the last again; they are not stored.
  let lastO = p.outputs - 1u;
  let lastK = columns - 1u;
  var c0 = vec4f(0.0);
  var c1 = vec4f(0.0);
  var c2 = vec4f(0.0);
  var c3 = vec4f(0.0);
  let end = min((chunk + 1u) * p.chunk, p.images * p.count);
  for (var i = chunk * p.chunk; i < end; i++) {
    let v = vec4f(
      source(i, which, k), source(i, which, min(k + 1u, lastK)),
      source(i, which, min(k + 2u, lastK)), source(i, which, min(k + 3u, lastK)),
    );
    c0 += gradient(i, which, o) * v;
    c1 += gradient(i, which, min(o + 1u, lastO)) * v;
    c2 += gradient(i, which, min(o + 2u, lastO)) * v;
    c3 += gradient(i, which, min(o + 3u, lastO)) * v;
  }
  storeFour(chunk, which, o + 0u, k, c0);
  storeFour(chunk, which, o + 1u, k, c1);
  storeFour(chunk, which, o + 2u, k, c2);
  storeFour(chunk, which, o + 3u, k, c3);
}
