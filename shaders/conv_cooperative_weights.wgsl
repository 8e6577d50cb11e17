// conv_cooperative_weights: a convolution's weights, halves that lie as a ConvPlan says, as conv_cooperative reads
// them: [groups, taps, tall, deep], outputs and channels filled up with zeros to whole tiles. A pair of
// channels a thread.

struct Params {
  groups: u32, channels: u32, outputs: u32, high: u32, wide: u32,
  tall: u32, deep: u32,
  wFirst: i32, wGroup: i32,
  wOutput: i32, wChannel: i32, wRow: i32, wColumn: i32,
}

@group(0) @binding(0) var<storage, read> w: array<u32>;
@group(0) @binding(1) var<storage, read_write> packed: array<u32>;
@group(1) @binding(0) var<uniform> params: Params;

/// Bits of the weight at `i`.
fn bitsAt(i: u32) -> u32 {
  return (w[i >> 1u] >> ((i & 1u) * 16u)) & 0xffffu;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let i = flatIndex(group, groups, local, 64u);
  let pairs = p.deep / 2u;
  let channel = i % pairs * 2u;
  let output = i / pairs % p.tall;
  let tap = i / pairs / p.tall % (p.high * p.wide);
  let g = i / pairs / p.tall / (p.high * p.wide);
  if (g >= p.groups) { return; }
  let at = p.wFirst + i32(g) * p.wGroup + i32(output) * p.wOutput + i32(channel) * p.wChannel +
    i32(tap / p.wide) * p.wRow + i32(tap % p.wide) * p.wColumn;
  var bits = 0u;
  if (output < p.outputs) {
    if (channel < p.channels) { bits = bitsAt(u32(at)); }
    if (channel + 1u < p.channels) { bits |= bitsAt(u32(at + p.wChannel)) << 16u; }
  }
  packed[i] = bits;
}
