// matmul: out[slice, batch, m, n] = a · b over a slice of k (+ bias) (then ReLU). A thread keeps 4 rows by
// 8 columns in registers and uses no workgroup memory, which only costs on a software adapter.

// #include common/matmul_rows.wgsl

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = flatIndex(group, groups, local, 16u);
  let across = (params.n + 7u) / 8u;
  let down = (params.m + 3u) / 4u;
  let column = flat % across * 8u;
  let row = flat / across % down * 4u;
  let rest = flat / across / down;
  let matrix = rest % params.matrices;
  let slice = rest / params.matrices;
  if (slice >= params.slices) { return; }

  // Rows and columns past the last are the last again; they are not stored.
  let pair = operands(matrix);
  let stepA = select(1u, params.m, TRANSPOSE_A);
  let stepB = select(params.n, 1u, TRANSPOSE_B);
  let acrossA = select(params.k, 1u, TRANSPOSE_A);
  let acrossB = select(1u, params.k, TRANSPOSE_B);
  let first = slice * params.slice;
  let end = min(first + params.slice, params.k);
  let baseA = pair.x * params.m * params.k + first * stepA;
  let baseB = pair.y * params.k * params.n + first * stepB;
  var a0 = baseA + min(row + 0u, params.m - 1u) * acrossA;
  var a1 = baseA + min(row + 1u, params.m - 1u) * acrossA;
  var a2 = baseA + min(row + 2u, params.m - 1u) * acrossA;
  var a3 = baseA + min(row + 3u, params.m - 1u) * acrossA;
  var b0 = baseB + min(column + 0u, params.n - 1u) * acrossB;
  var b1 = baseB + min(column + 1u, params.n - 1u) * acrossB;
  var b2 = baseB + min(column + 2u, params.n - 1u) * acrossB;
  var b3 = baseB + min(column + 3u, params.n - 1u) * acrossB;
  var b4 = baseB + min(column + 4u, params.n - 1u) * acrossB;
  var b5 = baseB + min(column + 5u, params.n - 1u) * acrossB;
  var b6 = baseB + min(column + 6u, params.n - 1u) * acrossB;
  var b7 = baseB + min(column + 7u, params.n - 1u) * acrossB;
  var l0 = vec4f(0.0);
  var r0 = vec4f(0.0);
  var l1 = vec4f(0.0);
  var r1 = vec4f(0.0);
  var l2 = vec4f(0.0);
  var r2 = vec4f(0.0);
  var l3 = vec4f(0.0);
  var r3 = vec4f(0.0);
  for (var k = first; k < end; k++) {
    let left = vec4f(b[b0], b[b1], b[b2], b[b3]);
    let right = vec4f(b[b4], b[b5], b[b6], b[b7]);
    let x0 = a[a0];
    l0 += x0 * left;
    r0 += x0 * right;
    a0 += stepA;
    let x1 = a[a1];
    l1 += x1 * left;
    r1 += x1 * right;
    a1 += stepA;
    let x2 = a[a2];
    l2 += x2 * left;
    r2 += x2 * right;
    a2 += stepA;
    let x3 = a[a3];
    l3 += x3 * left;
    r3 += x3 * right;
    a3 += stepA;
    b0 += stepB;
    b1 += stepB;
    b2 += stepB;
    b3 += stepB;
    b4 += stepB;
    b5 += stepB;
    b6 += stepB;
    b7 += stepB;
  }
  let base = rest * params.m * params.n;
  storeRow(base, row + 0u, column, l0);
  storeRow(base, row + 0u, column + 4u, r0);
  storeRow(base, row + 1u, column, l1);
  storeRow(base, row + 1u, column + 4u, r1);
  storeRow(base, row + 2u, column, l2);
  storeRow(base, row + 2u, column + 4u, r2);
  storeRow(base, row + 3u, column, l3);
  storeRow(base, row + 3u, column + 4u, r3);
}
