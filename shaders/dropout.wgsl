// dropout: out[i] = 0 where the stream's word i lies below `threshold`, else x[i] · scale. One block of the
// stream a thread, two elements.

struct Params {
  n: u32, key0: u32, key1: u32, counter0: u32,
  counter1: u32, threshold: u32, scale: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let block = flatIndex(group, groups, local, 64u);
  let i = 2u * block;
  if (i >= params.n) { return; }
  let words = threefry(vec2u(params.key0, params.key1), vec2u(params.counter0, params.counter1), block);
  out[i] = select(0.0, x[i] * params.scale, words.x >= params.threshold);
  if (i + 1u < params.n) {
    out[i + 1u] = select(0.0, x[i + 1u] * params.scale, words.y >= params.threshold);
  }
}
