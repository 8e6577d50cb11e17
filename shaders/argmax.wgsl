// argmax: x [outer, n, inner] → index [outer, inner] of the first largest along n; NaN never wins.
// LANES threads an output.

// #include common/lanes.wgsl

struct Params { outputs: u32, n: u32, inner: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<i32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(WIDTH)
fn main(me: Thread, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let output = laneRow(me, group, groups);
  let i = min(output, params.outputs - 1u);
  let row = i / params.inner;
  let base = row * params.n * params.inner + i - row * params.inner;
  var best = -3.4028234e38;
  var index = params.n;
  for (var j = laneOf(me); j < params.n; j += LANES) {
    let value = x[base + j * params.inner];
    if (value > best || (value == best && index == params.n)) {
      best = value;
      index = j;
    }
  }
  let largest = laneMax(me, best);
  // Indices below 2^24 are exact as floats; the smallest among the winners is the first of equals.
  var place = f32(params.n);
  if (best == largest) { place = f32(index); }
  let first = u32(-laneMax(me, -place));
  if (output < params.outputs && laneOf(me) == 0u) {
    out[output] = i32(select(0u, first, first < params.n));
  }
}
