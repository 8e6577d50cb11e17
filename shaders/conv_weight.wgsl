// conv_weight: partial gradients of weights and bias of a convolution (ConvPlan), summed over chunks
// of output positions: [chunk][weights, then biases]; sum_chunks adds the chunks. A thread keeps 4
// outputs by 4 taps in registers and uses no workgroup memory, which is no faster than any
// other on a software adapter. (lavapipe gains by it all the same where channels are many, SwiftShader loses.)

// #include common/conv_weight.wgsl
// #include common/conv_taps.wgsl

/// Gradient of output `o` of a group at a position.
fn gradient(at: vec3u, group: u32, o: u32) -> f32 {
  let p = params;
  let map = (at.x * p.groups + group) * p.outputs + o;
  return gAt((map * p.rows + at.y) * p.columns + at.z);
}

fn storeFour(chunk: u32, group: u32, o: u32, k: u32, sums: vec4f) {
  for (var j = 0u; j < 4u; j++) { store(chunk, group, o, k + j, sums[j]); }
}

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let flat = flatIndex(group, groups, local, 16u);
  let taps = p.channels * p.high * p.wide;
  let across = (taps + 4u) / 4u; // with the bias
  let down = (p.outputs + 3u) / 4u;
  let k = flat % across * 4u;
  let o = flat / across % down * 4u;
  let rest = flat / across / down;
  let which = rest % p.groups;
  let chunk = rest / p.groups;
  if (chunk >= p.chunks) { return; }
  let tap0 = tapOf(k);
  let tap1 = tapOf(k + 1u);
  let tap2 = tapOf(k + 2u);
  let tap3 = tapOf(k + 3u);
  let last = p.outputs - 1u;
  var c0 = vec4f(0.0);
  var c1 = vec4f(0.0);
  var c2 = vec4f(0.0);
  var c3 = vec4f(0.0);
  let end = min((chunk + 1u) * p.chunk, p.images * p.rows * p.columns);
  for (var i = chunk * p.chunk; i < end; i++) {
    let at = place(i);
    let v = vec4f(
      source(at, which, tap0), source(at, which, tap1),
      source(at, which, tap2), source(at, which, tap3),
    );
    c0 += gradient(at, which, o) * v;
    c1 += gradient(at, which, min(o + 1u, last)) * v;
    c2 += gradient(at, which, min(o + 2u, last)) * v;
    c3 += gradient(at, which, min(o + 3u, last)) * v;
  }
  storeFour(chunk, which, o + 0u, k, c0);
  storeFour(chunk, which, o + 1u, k, c1);
  storeFour(chunk, which, o + 2u, k, c2);
  storeFour(chunk, which, o + 3u, k, c3);
}
