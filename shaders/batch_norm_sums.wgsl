// batch_norm_sums: Σ dy and Σ dy · (x − mean) over `chunk` values of one channel, x and dy [N, C, S];
// with relu, dy counts where the output is positive. Workgroup of channel c and chunk k: c · chunks + k.

// #include common/lanes.wgsl

struct Params { N: u32, C: u32, S: u32, chunks: u32, chunk: u32, eps: f32, relu: u32 }

@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> gamma: array<f32>;
@group(0) @binding(3) var<storage, read> beta: array<f32>;
@group(0) @binding(4) var<storage, read> mean: array<f32>;
@group(0) @binding(5) var<storage, read> variance: array<f32>;
@group(0) @binding(6) var<storage, read_write> partial: array<vec2f>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(WIDTH)
fn main(me: Thread, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let job = flatIndex(group, groups, 0u, 1u);
  if (job >= params.C * params.chunks) { return; }
  let c = job / params.chunks;
  let first = (job - c * params.chunks) * params.chunk;
  let end = min(first + params.chunk, params.N * params.S);
  let scale = gamma[c] / sqrt(variance[c] + params.eps);
  var sum = vec2f(0.0);
  for (var e = first + me.local; e < end; e += WIDTH) {
    let n = e / params.S;
    let i = (n * params.C + c) * params.S + e - n * params.S;
    let d = x[i] - mean[c];
    let g = select(0.0, dy[i], params.relu == 0u || d * scale + beta[c] > 0.0);
    sum += vec2f(g, g * d);
  }
  sum = laneSums(me, sum);
  if (me.local == 0u) { partial[job] = sum; }
}
