// sum_squares: partial[slot + k] = Σ x² over chunk k of x. A workgroup of 64 takes a chunk.

struct Params { n: u32, chunk: u32, slot: u32, chunks: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> partial: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let k = flatIndex(group, groups, 0u, 1u);
  if (k >= params.chunks) { return; }
  let end = min(params.n, (k + 1u) * params.chunk);
  var sum = 0.0;
  for (var i = k * params.chunk + local; i < end; i += 64u) { sum += x[i] * x[i]; }
  let total = laneSum(local, sum);
  if (local == 0u) { partial[params.slot + k] = total; }
}
