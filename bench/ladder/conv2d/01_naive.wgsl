// The definition: a thread computes one output, out[n, o, y, x] = Σ w[o, c, i, j] · in[n, c, y + i − 1, x + j − 1] + bias, and asks for
// every tap whether it lies inside the image. Neighbouring threads read neighbouring inputs, which the caches
// like; but each input is read once for each output channel and tap, and index arithmetic outweighs the
// multiply-adds. (3×3 taps, stride 1, one ring of zeros, as all rungs.)

struct Params { images: u32, channels: u32, height: u32, width: u32, outputs: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let i = flatIndex(group, groups, local, 64u);
  if (i >= p.images * p.outputs * p.height * p.width) { return; }
  let column = i32(i % p.width);
  let row = i32(i / p.width % p.height);
  let o = i / (p.width * p.height) % p.outputs;
  let image = i / (p.width * p.height) / p.outputs;
  var sum = bias[o];
  for (var c = 0u; c < p.channels; c++) {
    for (var tap = 0; tap < 9; tap++) {
      let y = row + tap / 3 - 1;
      let z = column + tap % 3 - 1;
      if (y >= 0 && y < i32(p.height) && z >= 0 && z < i32(p.width)) {
        let plane = image * p.channels + c;
        sum += w[(o * p.channels + c) * 9u + u32(tap)] * x[(plane * p.height + u32(y)) * p.width + u32(z)];
      }
    }
  }
  out[i] = sum;
}
