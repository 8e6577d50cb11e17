// What changed: the input is unfolded first, [C·9, H·W] an image, a row for each channel and tap, and the
// convolution is then one matrix product with the weights [O, C·9] (the matmul of this adapter). Why it should
// help: everything matmul's ladder gained is had at once. What it costs: nine times the input is written to
// memory and read again, which for few channels outweighs the gain. This shader is the unfolding.

struct Params { images: u32, channels: u32, height: u32, width: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> columns: array<f32>; // [N, C·9, H·W]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let area = p.height * p.width;
  let i = flatIndex(group, groups, local, 64u);
  if (i >= p.images * p.channels * 9u * area) { return; }
  let position = i % area;
  let tap = i32(i / area % 9u);
  let plane = i / area / 9u;
  let y = i32(position / p.width) + tap / 3 - 1;
  let z = i32(position % p.width) + tap % 3 - 1;
  var value = 0.0;
  if (y >= 0 && y < i32(p.height) && z >= 0 && z < i32(p.width)) {
    value = x[(plane * p.height + u32(y)) * p.width + u32(z)];
  }
  columns[i] = value;
}
