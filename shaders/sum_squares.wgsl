// sum_squares: partial[slot + k] = Σ x² over chunk k of x. A workgroup takes a chunk.

// #include common/lanes.wgsl

struct Params { n: u32, chunk: u32, slot: u32, chunks: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> partial: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(WIDTH)
fn main(me: Thread, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = flatIndex(group, groups, 0u, 1u);
  if (k >= params.chunks) { return; }
  let end = min(params.n, (k + 1u) * params.chunk);
  var sum = 0.0;
  for (var i = k * params.chunk + me.local; i < end; i += WIDTH) { sum += x[i] * x[i]; }
  let total = laneSum(me, sum);
  if (me.local == 0u) { partial[params.slot + k] = total; }
}
