// matmul_tiled: out[slice, batch, m, n] = a · b over a slice of k (+ bias) (then ReLU), for GPUs. A workgroup
// computes TILE_M × TILE_N of one matrix (64×64 by default), DEPTH of k at a time through workgroup memory; a
// thread keeps 4×4 of it in registers, so that 8 floats read from there meet 16 multiply-adds.

// #include common/matmul_rows.wgsl

override TILE_M: u32 = 64u;
override TILE_N: u32 = 64u;
override DEPTH: u32 = 16u;
override THREADS: u32 = 256u; // TILE_M · TILE_N / 16

// Pitches are odd, so that a column of a tile does not fall on one memory bank.
var<workgroup> tileA: array<f32, DEPTH * (TILE_M + 1u)>; // [k][row]
var<workgroup> tileB: array<f32, DEPTH * (TILE_N + 1u)>; // [k][column]

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = flatIndex(group, groups, 0u, 1u);
  let across = (params.n + TILE_N - 1u) / TILE_N;
  let down = (params.m + TILE_M - 1u) / TILE_M;
  let column0 = flat % across * TILE_N;
  let row0 = flat / across % down * TILE_M;
  let rest = flat / across / down;
  let matrix = rest % params.matrices;
  let slice = rest / params.matrices;
  if (slice >= params.slices) { return; } // the whole workgroup

  let pair = operands(matrix);
  let baseA = pair.x * params.m * params.k;
  let baseB = pair.y * params.k * params.n;
  let first = slice * params.slice;
  let end = min(first + params.slice, params.k);
  let row = local / (TILE_N / 4u) * 4u;
  let column = local % (TILE_N / 4u) * 4u;
  var c0 = vec4f(0.0);
  var c1 = vec4f(0.0);
  var c2 = vec4f(0.0);
  var c3 = vec4f(0.0);
  for (var k0 = first; k0 < end; k0 += DEPTH) {
    // Neighbouring threads read neighbouring floats, whichever way a matrix lies.
    for (var e = local; e < TILE_M * DEPTH; e += THREADS) {
      let kA = select(e % DEPTH, e / TILE_M, TRANSPOSE_A);
      let rA = select(e / DEPTH, e % TILE_M, TRANSPOSE_A);
      var value = 0.0;
      if (k0 + kA < end && row0 + rA < params.m) {
        value = a[baseA + select((row0 + rA) * params.k + k0 + kA, (k0 + kA) * params.m + row0 + rA, TRANSPOSE_A)];
      }
      tileA[kA * (TILE_M + 1u) + rA] = value;
    }
    for (var e = local; e < TILE_N * DEPTH; e += THREADS) {
      let kB = select(e / TILE_N, e % DEPTH, TRANSPOSE_B);
      let cB = select(e % TILE_N, e / DEPTH, TRANSPOSE_B);
      var value = 0.0;
      if (k0 + kB < end && column0 + cB < params.n) {
        value = b[baseB + select((k0 + kB) * params.n + column0 + cB, (column0 + cB) * params.k + k0 + kB, TRANSPOSE_B)];
      }
      tileB[kB * (TILE_N + 1u) + cB] = value;
    }
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      let x = k * (TILE_M + 1u) + row;
      let y = k * (TILE_N + 1u) + column;
      let v = vec4f(tileB[y], tileB[y + 1u], tileB[y + 2u], tileB[y + 3u]);
      c0 += tileA[x] * v;
      c1 += tileA[x + 1u] * v;
      c2 += tileA[x + 2u] * v;
      c3 += tileA[x + 3u] * v;
    }
    workgroupBarrier();
  }
  let base = rest * params.m * params.n;
  storeRow(base, row0 + row, column0 + column, c0);
  storeRow(base, row0 + row + 1u, column0 + column, c1);
  storeRow(base, row0 + row + 2u, column0 + column, c2);
  storeRow(base, row0 + row + 3u, column0 + column, c3);
}
