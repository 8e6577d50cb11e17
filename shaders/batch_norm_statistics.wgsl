// batch_norm_statistics: mean and biased variance of each channel of x [N, C, S].
//   moments: a workgroup takes `chunk` values of one channel and leaves their mean and their sum of
//     squares about it; values are first shifted by one of them, so that a mean far from 0 costs no
//     digits. Workgroup of channel c and chunk k: c · chunks + k.
//   combine: a thread joins the chunks of one channel, in order.

// #include common/lanes.wgsl

struct Params { N: u32, C: u32, S: u32, chunks: u32, chunk: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> partial: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> mean: array<f32>;
@group(0) @binding(3) var<storage, read_write> variance: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

// Address of value e of channel c.
fn place(c: u32, e: u32) -> u32 {
  let n = e / params.S;
  return (n * params.C + c) * params.S + e - n * params.S;
}

@compute @workgroup_size(WIDTH)
fn moments(me: Thread, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let job = flatIndex(group, groups, 0u, 1u);
  if (job >= params.C * params.chunks) { return; }
  let c = job / params.chunks;
  let first = (job - c * params.chunks) * params.chunk;
  let end = min(first + params.chunk, params.N * params.S);
  let pivot = x[place(c, first)];
  var sum = 0.0;
  for (var e = first + me.local; e < end; e += WIDTH) { sum += x[place(c, e)] - pivot; }
  let near = laneSum(me, sum) / f32(end - first);
  var square = 0.0;
  for (var e = first + me.local; e < end; e += WIDTH) {
    let d = x[place(c, e)] - pivot - near;
    square += d * d;
  }
  let total = laneSum(me, square);
  if (me.local == 0u) { partial[job] = vec2f(pivot + near, total); }
}

@compute @workgroup_size(64)
fn combine(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let c = flatIndex(group, groups, local, 64u);
  if (c >= params.C) { return; }
  let n = f32(params.N * params.S);
  let base = c * params.chunks;
  let pivot = partial[base].x;
  var shift = 0.0;
  for (var k = 0u; k < params.chunks; k++) {
    let own = f32(min(params.chunk, params.N * params.S - k * params.chunk));
    shift += (partial[base + k].x - pivot) * (own / n);
  }
  var square = 0.0;
  for (var k = 0u; k < params.chunks; k++) {
    let own = f32(min(params.chunk, params.N * params.S - k * params.chunk));
    let d = partial[base + k].x - pivot - shift;
    square += partial[base + k].y + own * d * d;
  }
  mean[c] = pivot + shift;
  variance[c] = square / n;
}
