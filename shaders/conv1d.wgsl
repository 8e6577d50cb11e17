// conv1d: what a Conv1dPlan (ops/conv1d_plan.ts) says: convolution over time, channels last, or one
// residue of its input's gradient, summed over some channels of each group. x [B, T, groups · channels],
// out [B, T', groups · outputs]. A thread keeps 4 times by 8 outputs in registers and uses no workgroup
// memory, which only costs on a software adapter.

// #include common/conv1d.wgsl

/// Where the window of row `i` (of all images) begins: first element of its image and group, time.
fn origin(i: u32, g: u32) -> vec2i {
  let p = params;
  let image = i32(i / p.count) * p.length;
  return vec2i(
    image * i32(p.groups * p.channels) + i32(g * p.channels),
    i32(i % p.count) * p.stride - p.before,
  );
}

/// Input of channel 0 under a tap: its index, or -1 outside the input.
fn source(at: vec2i, tap: u32) -> i32 {
  let t = at.y + i32(tap) * params.dilation;
  if (t < 0 || t >= params.length) { return -1; }
  return at.x + t * i32(params.groups * params.channels);
}

fn value(index: i32, c: u32) -> f32 {
  return select(xAt(u32(max(index, 0)) + c), 0.0, index < 0);
}

fn storeFour(g: u32, row: u32, o: u32, sums: vec4f) {
  let p = params;
  if (row >= p.images * p.count) { return; }
  let time = row / p.count * p.outLength + p.first + row % p.count * p.step;
  for (var j = 0u; j < 4u; j++) {
    if (o + j >= p.outputs) { return; }
    let column = g * p.outputs + o + j;
    let index = time * p.groups * p.outputs + column;
    var sum = sums[j];
    if (BIAS) { sum += bias[column]; }
    if (ADD) { sum += out[index]; }
    out[index] = sum;
  }
}

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let flat = flatIndex(group, groups, local, 16u);
  let rows = p.images * p.count;
  let across = (p.outputs + 7u) / 8u;
  let down = (rows + 3u) / 4u;
  let o = flat % across * 8u;
  let row = flat / across % down * 4u;
  let g = flat / across / down;
  if (g >= p.groups) { return; }
  // Rows and outputs past the last are the last again; they are not stored.
  let at0 = origin(min(row + 0u, rows - 1u), g);
  let at1 = origin(min(row + 1u, rows - 1u), g);
  let at2 = origin(min(row + 2u, rows - 1u), g);
  let at3 = origin(min(row + 3u, rows - 1u), g);
  let last = p.outputs - 1u;
  let low = vec4i(vec4u(o, min(o + 1u, last), min(o + 2u, last), min(o + 3u, last))) * p.wOutput;
  let high = vec4i(min(vec4u(o + 4u, o + 5u, o + 6u, o + 7u), vec4u(last))) * p.wOutput;
  let w0 = p.wFirst + i32(g) * p.wGroup;
  var l0 = vec4f(0.0);
  var r0 = vec4f(0.0);
  var l1 = vec4f(0.0);
  var r1 = vec4f(0.0);
  var l2 = vec4f(0.0);
  var r2 = vec4f(0.0);
  var l3 = vec4f(0.0);
  var r3 = vec4f(0.0);
  for (var tap = 0u; tap < p.taps; tap++) {
    let i0 = source(at0, tap);
    let i1 = source(at1, tap);
    let i2 = source(at2, tap);
    let i3 = source(at3, tap);
    for (var c = p.firstChannel; c < p.endChannel; c++) {
      let at = w0 + i32(tap) * p.wTap + i32(c) * p.wChannel;
      let a = vec4u(low + at);
      let b = vec4u(high + at);
      let left = vec4f(wAt(a.x), wAt(a.y), wAt(a.z), wAt(a.w));
      let right = vec4f(wAt(b.x), wAt(b.y), wAt(b.z), wAt(b.w));
      let x0 = value(i0, c);
      l0 += x0 * left;
      r0 += x0 * right;
      let x1 = value(i1, c);
      l1 += x1 * left;
      r1 += x1 * right;
      let x2 = value(i2, c);
      l2 += x2 * left;
      r2 += x2 * right;
      let x3 = value(i3, c);
      l3 += x3 * left;
      r3 += x3 * right;
    }
  }
  storeFour(g, row + 0u, o, l0);
  storeFour(g, row + 0u, o + 4u, r0);
  storeFour(g, row + 1u, o, l1);
  storeFour(g, row + 1u, o + 4u, r1);
  storeFour(g, row + 2u, o, l2);
  storeFour(g, row + 2u, o + 4u, r2);
  storeFour(g, row + 3u, o, l3);
  storeFour(g, row + 3u, o + 4u, r3);
}
