// matmul_cooperative: out[batch, m, n] = a · b (+ bias) of halves, by matrices that the threads of a subgroup
// hold together and multiply with one instruction, on NVIDIA by tensor cores; sums are f32. A workgroup is one
// subgroup of 32 threads and computes 32×32 as 2×2 tiles of 16×16, so that each tile read meets two others.
// Needs m and n of 32 or more, whole tiles of k, and rows that begin at whole 16 bytes (ops/matmul_cooperative.ts).
// A T in a name stands for rows that lie one after the other.

enable f16;
enable wgpu_cooperative_matrix;

// #include common/matmul.wgsl

@group(0) @binding(0) var<storage, read> a: array<f16>;
@group(0) @binding(1) var<storage, read> b: array<f16>;
@group(0) @binding(2) var<storage, read> start: array<f32>; // [16, n]: what every sum begins with
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(32)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let m = params.m;
  let n = params.n;
  let depth = params.k;
  // Not flatIndex: through a call naga loses sight of what is the same for all threads.
  let flat = group.y * groups.x + group.x;
  let across = (n + 31u) / 32u;
  let down = (m + 31u) / 32u;
  let matrix = flat / across / down;
  if (matrix >= params.matrices) { return; } // the whole workgroup
  // The last tiles end with the matrix: what they share with the ones before them both store alike.
  let column = min(flat % across * 32u, n - 32u);
  let row = min(flat / across % down * 32u, m - 32u);
  let pair = operands(matrix);
  let baseA = pair.x * m * depth;
  let baseB = pair.y * depth * n;
  var c00 = coopLoadT<coop_mat16x16<f32, C>>(&start[column], n);
  var c01 = coopLoadT<coop_mat16x16<f32, C>>(&start[column + 16u], n);
  var c10 = coopLoadT<coop_mat16x16<f32, C>>(&start[column], n);
  var c11 = coopLoadT<coop_mat16x16<f32, C>>(&start[column + 16u], n);
  for (var k = 0u; k < depth; k += 16u) {
    let rowsA = baseA + row * depth + k;
    let columnsA = baseA + k * m + row;
    let rowsB = baseB + k * n + column;
    let columnsB = baseB + column * depth + k;
    var x0 = coopLoadT<coop_mat16x16<f16, A>>(&a[rowsA], depth);
    var x1 = coopLoadT<coop_mat16x16<f16, A>>(&a[rowsA + 16u * depth], depth);
    var y0 = coopLoadT<coop_mat16x16<f16, B>>(&b[rowsB], n);
    var y1 = coopLoadT<coop_mat16x16<f16, B>>(&b[rowsB + 16u], n);
    if (TRANSPOSE_A) {
      x0 = coopLoad<coop_mat16x16<f16, A>>(&a[columnsA], m);
      x1 = coopLoad<coop_mat16x16<f16, A>>(&a[columnsA + 16u], m);
    }
    if (TRANSPOSE_B) {
      y0 = coopLoad<coop_mat16x16<f16, B>>(&b[columnsB], depth);
      y1 = coopLoad<coop_mat16x16<f16, B>>(&b[columnsB + 16u * depth], depth);
    }
    c00 = coopMultiplyAdd(x0, y0, c00);
    c01 = coopMultiplyAdd(x0, y1, c01);
    c10 = coopMultiplyAdd(x1, y0, c10);
    c11 = coopMultiplyAdd(x1, y1, c11);
  }
  // Named first: naga takes the values of a store that are names, and loses those made within it.
  let at00 = (matrix * m + row) * n + column;
  let at01 = at00 + 16u;
  let at10 = at00 + 16u * n;
  let at11 = at10 + 16u;
  let s00 = c00;
  let s01 = c01;
  let s10 = c10;
  let s11 = c11;
  coopStoreT(s00, &out[at00], n);
  coopStoreT(s01, &out[at01], n);
  coopStoreT(s10, &out[at10], n);
  coopStoreT(s11, &out[at11], n);
}
