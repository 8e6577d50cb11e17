// Preparation of the rungs that follow, not timed: a matrix of f32 becomes one of f16, padded with zeros to
// whole tiles. With SPLIT a second matrix follows, of what the first lost times 2048: together they hold 22
// bits of each number, against the 24 of f32.

enable f16;

override SPLIT: bool;

struct Params { rows: u32, columns: u32, paddedRows: u32, paddedColumns: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f16>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  let p = params;
  let size = p.paddedRows * p.paddedColumns;
  if (i >= size) { return; }
  let row = i / p.paddedColumns;
  let column = i % p.paddedColumns;
  var value = 0.0;
  if (row < p.rows && column < p.columns) { value = x[row * p.columns + column]; }
  let high = f16(value);
  out[i] = high;
  if (SPLIT) { out[size + i] = f16((value - f32(high)) * 2048.0); }
}
