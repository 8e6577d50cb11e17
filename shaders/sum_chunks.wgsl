// sum_chunks: out[i] = Σ over chunks of partial[first + chunk · pitch + i] (+ bias[i mod columns]) (then
// ReLU). SHARES threads share an output, each with every so manieth chunk; their sums are added in order.

override BIAS: bool = false;
override RELU: bool = false;
override SHARES: u32 = 1u;

struct Params { n: u32, chunks: u32, pitch: u32, first: u32, columns: u32 }

@group(0) @binding(0) var<storage, read> partial: array<f32>;
@group(0) @binding(1) var<storage, read> bias: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

const THREADS = 256u;

var<workgroup> sums: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let wide = THREADS / SHARES;
  let i = flatIndex(group, groups, local % wide, wide);
  let at = params.first + min(i, params.n - 1u);
  let share = local / wide;
  var total = 0.0;
  var c = share;
  // Four at a time, so that their loads are under way at once.
  for (; c + 3u * SHARES < params.chunks; c += 4u * SHARES) {
    let x = at + c * params.pitch;
    let step = SHARES * params.pitch;
    total += (partial[x] + partial[x + step]) + (partial[x + 2u * step] + partial[x + 3u * step]);
  }
  for (; c < params.chunks; c += SHARES) { total += partial[at + c * params.pitch]; }
  if (SHARES > 1u) {
    sums[local] = total;
    workgroupBarrier();
    if (share == 0u) {
      for (var s = 1u; s < SHARES; s++) { total += sums[s * wide + local]; }
    }
  }
  if (share > 0u || i >= params.n) { return; }
  if (BIAS) { total += bias[i % params.columns]; }
  if (RELU) { total = select(total, 0.0, total < 0.0); }
  out[i] = total;
}
