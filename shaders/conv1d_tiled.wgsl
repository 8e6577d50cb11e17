// conv1d_tiled: what a Conv1dPlan (ops/conv1d_plan.ts) says: convolution over time, channels last, or one
// residue of its input's gradient, summed over some channels of each group, for GPUs. x [B, T, groups ·
// channels], out [B, T', groups · outputs]. A workgroup computes TILE_T times by TILE_O outputs of a group,
// DEPTH (channel, tap) pairs at a time through workgroup memory; a thread keeps 4×4 of it in registers, so
// that two vec4s read from there meet 16 multiply-adds. Taps run innermost, as weights lie, so that
// neighbouring threads read neighbouring weights.

// #include common/conv1d.wgsl

override TILE_T: u32 = 64u;
override TILE_O: u32 = 64u;
override DEPTH: u32 = 16u;
override THREADS: u32 = 256u; // TILE_O · TILE_T / 16

/// The row after `row`, a row being an image and a time of it.
fn next(row: vec2u) -> vec2u {
  if (row.y + 1u < params.count) { return vec2u(row.x, row.y + 1u); }
  return vec2u(row.x + 1u, 0u);
}

/// Input that a row meets under a tap: zero outside the input, and past the last image.
fn source(row: vec2u, g: u32, c: u32, tap: u32) -> f32 {
  let p = params;
  let t = i32(row.y) * p.stride - p.before + i32(tap) * p.dilation;
  if (row.x >= p.images || t < 0 || t >= p.length) { return 0.0; }
  let time = u32(i32(row.x) * p.length + t);
  return xAt((time * p.groups + g) * p.channels + c);
}

/// The same of rows i … i + 3 of all images.
fn fourInputs(i: u32, g: u32, c: u32, tap: u32) -> vec4f {
  let a = vec2u(i / params.count, i % params.count);
  let b = next(a);
  let d = next(b);
  let e = next(d);
  return vec4f(source(a, g, c, tap), source(b, g, c, tap), source(d, g, c, tap), source(e, g, c, tap));
}

/// Zero past the last output.
fn weight(g: u32, o: u32, c: u32, tap: u32) -> f32 {
  let p = params;
  if (o >= p.outputs) { return 0.0; }
  return wAt(u32(p.wFirst + i32(g) * p.wGroup + i32(o) * p.wOutput + i32(c) * p.wChannel +
    i32(tap) * p.wTap));
}

/// Weights of outputs o … o + 3.
fn fourWeights(g: u32, o: u32, c: u32, tap: u32) -> vec4f {
  return vec4f(weight(g, o, c, tap), weight(g, o + 1u, c, tap), weight(g, o + 2u, c, tap), weight(g, o + 3u, c, tap));
}

// Vec4s of a pair, an odd number: threads that store one pair each meet different banks.
override WIDE_T: u32 = TILE_T / 4u + 1u;
override WIDE_O: u32 = TILE_O / 4u + 1u;

var<workgroup> inputs: array<vec4f, DEPTH * WIDE_T>; // [pair][4 times]
var<workgroup> weights: array<vec4f, DEPTH * WIDE_O>; // [pair][4 outputs]

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let flat = flatIndex(group, groups, 0u, 1u);
  let rows = p.images * p.count;
  let across = (p.outputs + TILE_O - 1u) / TILE_O;
  let down = (rows + TILE_T - 1u) / TILE_T;
  let o0 = flat % across * TILE_O;
  let row0 = flat / across % down * TILE_T;
  let g = flat / across / down;
  if (g >= p.groups) { return; } // the whole workgroup

  let first = p.firstChannel * p.taps;
  let end = p.endChannel * p.taps;
  // DEPTH divides THREADS: a thread always loads the same pair of a tile.
  let mine = local % DEPTH;
  let row = local / (TILE_O / 4u); // fours of them
  let o = local % (TILE_O / 4u);
  var c0 = vec4f(0.0);
  var c1 = vec4f(0.0);
  var c2 = vec4f(0.0);
  var c3 = vec4f(0.0);
  for (var k0 = first; k0 < end; k0 += DEPTH) {
    let k = k0 + mine;
    let c = k / p.taps;
    let tap = k % p.taps;
    for (var i = local / DEPTH; i < TILE_T / 4u; i += THREADS / DEPTH) {
      var v = vec4f(0.0);
      if (k < end) { v = fourInputs(row0 + 4u * i, g, c, tap); }
      inputs[mine * WIDE_T + i] = v;
    }
    for (var i = local / DEPTH; i < TILE_O / 4u; i += THREADS / DEPTH) {
      var v = vec4f(0.0);
      if (k < end) { v = fourWeights(g, o0 + 4u * i, c, tap); }
      weights[mine * WIDE_O + i] = v;
    }
    workgroupBarrier();
    for (var i = 0u; i < DEPTH; i++) {
      let x = inputs[i * WIDE_T + row];
      let v = weights[i * WIDE_O + o];
      c0 += x.x * v;
      c1 += x.y * v;
      c2 += x.z * v;
      c3 += x.w * v;
    }
    workgroupBarrier();
  }
  storeFour(g, row0 + 4u * row + 0u, o0 + 4u * o, c0);
  storeFour(g, row0 + 4u * row + 1u, o0 + 4u * o, c1);
  storeFour(g, row0 + 4u * row + 2u, o0 + 4u * o, c2);
  storeFour(g, row0 + 4u * row + 3u, o0 + 4u * o, c3);
}
