// layer_norm_params: for every chunk of `size` rows the sums dGamma = Σ g · (x − mean) · rstd and
// dBeta = Σ g of each column, [chunks, n]. One column of one chunk a thread.

struct Params { items: u32, rows: u32, n: u32, size: u32 }

@group(0) @binding(0) var<storage, read> g: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> means: array<f32>;
@group(0) @binding(3) var<storage, read> rstds: array<f32>;
@group(0) @binding(4) var<storage, read_write> dGamma: array<f32>;
@group(0) @binding(5) var<storage, read_write> dBeta: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.items) { return; }
  let chunk = i / params.n;
  let column = i - chunk * params.n;
  let stop = min((chunk + 1u) * params.size, params.rows);
  var scale = 0.0;
  var shift = 0.0;
  for (var row = chunk * params.size; row < stop; row++) {
    let v = g[row * params.n + column];
    scale += v * (x[row * params.n + column] - means[row]) * rstds[row];
    shift += v;
  }
  dGamma[i] = scale;
  dBeta[i] = shift;
}
