// overlap_add: out[b, t] = Σ g[b, f, t − f·hop] over the frames f [b, frames, size] that cover t, in
// their order. One element of out a thread.

struct Params { n: u32, frames: u32, size: u32, hop: u32, length: u32 }

@group(0) @binding(0) var<storage, read> g: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  let row = i / params.length;
  let t = i - row * params.length;
  var f = 0u;
  if (t >= params.size) { f = (t - params.size) / params.hop + 1u; }
  let stop = min(t / params.hop + 1u, params.frames);
  var total = 0.0;
  for (; f < stop; f++) {
    total += g[(row * params.frames + f) * params.size + t - f * params.hop];
  }
  out[i] = total;
}
