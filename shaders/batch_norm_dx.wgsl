// batch_norm_dx: dx = line.x · dy + line.y · (x − mean) + line.z by channel (see batch_norm_combine).
//   main: dy and x [N, C, S]; with relu, dy counts where the output is positive. One value a thread.
//   pool: dy [N, C, H/2, W/2], x [N, C, H, W]: dy goes to the input that won its window, found again
//     from x. A 2×2 block a thread, those cut off at an odd border included.

struct Params { n: u32, C: u32, H: u32, W: u32, relu: u32 }

@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> beta: array<f32>;
@group(0) @binding(3) var<storage, read> mean: array<f32>;
@group(0) @binding(4) var<storage, read> line: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

// Here H is S and W is 1.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  let c = i / params.H % params.C;
  let d = x[i] - mean[c];
  let on = params.relu == 0u || d * line[c].x + beta[c] > 0.0;
  dx[i] = select(0.0, dy[i], on) * line[c].x + d * line[c].y + line[c].z;
}

@compute @workgroup_size(64)
fn pool(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.n) { return; }
  let blocksX = (params.W + 1u) / 2u;
  let blocksY = (params.H + 1u) / 2u;
  let column = 2u * (i % blocksX);
  let row = 2u * (i / blocksX % blocksY);
  let map = i / (blocksX * blocksY);
  let c = map % params.C;
  let at = (map * params.H + row) * params.W + column;
  let k = line[c];
  let s = sign(k.x);
  let right = column + 1u < params.W;
  let below = row + 1u < params.H;
  var winner = 4u;
  var own = 0.0;
  if (right && below) {
    winner = 0u;
    var best = x[at] * s;
    for (var j = 1u; j < 4u; j++) {
      let v = x[at + (j & 1u) + (j >> 1u) * params.W] * s;
      if (v > best) { best = v; winner = j; }
    }
    let out = (best * s - mean[c]) * k.x + beta[c];
    let g = dy[(map * (params.H / 2u) + row / 2u) * (params.W / 2u) + column / 2u];
    own = select(0.0, g * k.x, out > 0.0);
  }
  for (var j = 0u; j < 4u; j++) {
    if (((j & 1u) == 0u || right) && (j < 2u || below)) {
      let p = at + (j & 1u) + (j >> 1u) * params.W;
      dx[p] = (x[p] - mean[c]) * k.y + k.z + select(0.0, own, j == winner);
    }
  }
}
