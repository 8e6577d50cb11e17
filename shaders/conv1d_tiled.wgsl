// conv1d_tiled: what a Conv1dPlan (ops/conv1d_plan.ts) says: convolution over time, channels last, or one
// residue of its input's gradient, summed over some channels of each group, for GPUs. x [B, T, groups ·
// channels], out [B, T', groups · outputs]. A workgroup of 256 threads computes TILE_T times by TILE_O
// outputs (4096 in all) of a group, DEPTH (channel, tap) pairs at a time through workgroup memory; a thread
// keeps 4×4 of it in registers. Taps run innermost, as weights lie, so that neighbouring threads read
// neighbouring weights.

// #include common/conv1d.wgsl

override TILE_T: u32 = 64u;
override TILE_O: u32 = 64u;
override DEPTH: u32 = 16u;
override THREADS: u32 = 256u; // TILE_O · TILE_T / 16

/// Input that row `i` (of all images) meets under a tap: zero outside the input.
fn source(i: u32, g: u32, c: u32, tap: u32) -> f32 {
  let p = params;
  let t = i32(i % p.count) * p.stride - p.before + i32(tap) * p.dilation;
  if (t < 0 || t >= p.length) { return 0.0; }
  let time = u32(i32(i / p.count) * p.length + t);
  return xAt((time * p.groups + g) * p.channels + c);
}

fn weight(g: u32, o: u32, c: u32, tap: u32) -> f32 {
  let p = params;
  return wAt(u32(p.wFirst + i32(g) * p.wGroup + i32(o) * p.wOutput + i32(c) * p.wChannel +
    i32(tap) * p.wTap));
}

var<workgroup> inputs: array<f32, DEPTH * (TILE_T + 1u)>; // [pair][time], an odd pitch
var<workgroup> weights: array<f32, DEPTH * (TILE_O + 1u)>; // [pair][output], the same

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
  let row = local / (TILE_O / 4u) * 4u;
  let o = local % (TILE_O / 4u) * 4u;
  var c0 = vec4f(0.0);
  var c1 = vec4f(0.0);
  var c2 = vec4f(0.0);
  var c3 = vec4f(0.0);
  for (var k0 = first; k0 < end; k0 += DEPTH) {
    let k = k0 + mine;
    let c = k / p.taps;
    let tap = k % p.taps;
    for (var i = local / DEPTH; i < TILE_T; i += THREADS / DEPTH) {
      var v = 0.0;
      if (k < end && row0 + i < rows) { v = source(row0 + i, g, c, tap); }
      inputs[mine * (TILE_T + 1u) + i] = v;
    }
    for (var i = local / DEPTH; i < TILE_O; i += THREADS / DEPTH) {
      var v = 0.0;
      if (k < end && o0 + i < p.outputs) { v = weight(g, o0 + i, c, tap); }
      weights[mine * (TILE_O + 1u) + i] = v;
    }
    workgroupBarrier();
    for (var i = 0u; i < DEPTH; i++) {
      let a = i * (TILE_T + 1u) + row;
      let b = i * (TILE_O + 1u) + o;
      let v = vec4f(weights[b], weights[b + 1u], weights[b + 2u], weights[b + 3u]);
      c0 += inputs[a] * v;
      c1 += inputs[a + 1u] * v;
      c2 += inputs[a + 2u] * v;
      c3 += inputs[a + 3u] * v;
    }
    workgroupBarrier();
  }
  storeFour(g, row0 + row + 0u, o0 + o, c0);
  storeFour(g, row0 + row + 1u, o0 + o, c1);
  storeFour(g, row0 + row + 2u, o0 + o, c2);
  storeFour(g, row0 + row + 3u, o0 + o, c3);
}
