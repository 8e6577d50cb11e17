// sum_chunks: out[i] = Σ over chunks of partial[first + chunk · pitch + i] (+ bias[i mod columns]) (then
// ReLU). One output a thread.

override BIAS: bool = false;
override RELU: bool = false;

struct Params { n: u32, chunks: u32, pitch: u32, first: u32, columns: u32 }

@group(0) @binding(0) var<storage, read> partial: array<f32>;
@group(0) @binding(1) var<storage, read> bias: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  var total = 0.0;
  for (var c = 0u; c < params.chunks; c++) {
    total += partial[params.first + c * params.pitch + i];
  }
  if (BIAS) { total += bias[i % params.columns]; }
  if (RELU) { total = select(total, 0.0, total < 0.0); }
  out[i] = total;
}
