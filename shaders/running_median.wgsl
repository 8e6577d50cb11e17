// Running median down the rows of x [rows, columns], mirrored beyond the ends. One output a thread: the value
// of its window with fewer than half below it and at least half up to it. Adapters' caches hold the windows;
// features are made on the CPU, so nothing cleverer has been needed.

struct Params { rows: u32, columns: u32, width: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

/// The row that stands `k` places into the window around `row`.
fn source(row: u32, k: u32) -> u32 {
  let period = 2 * i32(params.rows);
  let place = i32(row) + i32(k) - i32(params.width / 2u);
  let turn = u32(((place % period) + period) % period);
  return select(2u * params.rows - 1u - turn, turn, turn < params.rows);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.rows * params.columns) { return; }
  let row = i / params.columns;
  let column = i % params.columns;
  let half = params.width / 2u;
  for (var a = 0u; a < params.width; a++) {
    let candidate = x[source(row, a) * params.columns + column];
    var below = 0u;
    var upTo = 0u;
    for (var b = 0u; b < params.width; b++) {
      let other = x[source(row, b) * params.columns + column];
      if (other < candidate) { below++; }
      if (other <= candidate) { upTo++; }
    }
    if (below <= half && upTo > half) {
      out[i] = candidate;
      return;
    }
  }
}
