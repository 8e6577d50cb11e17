// Cooperative matrices: the threads of a subgroup hold 16×16 tiles together and multiply them with one
// instruction, on NVIDIA by tensor cores. f16 in, f32 sums. Why it helps: hundreds of multiply-adds an
// instruction instead of one a thread. A workgroup is one subgroup of 32 threads and computes 32×32, as 2×2
// tiles, so that each tile read meets two others. With SPLIT the product of f32 accuracy (11_f16.wgsl).
// Matrices are padded to whole tiles of 64; loads and stores are of rows (the T forms).

enable f16;
enable wgpu_cooperative_matrix;

override SPLIT: bool;

struct Params { m: u32, k: u32, n: u32, paddedM: u32, paddedK: u32, paddedN: u32 }

@group(0) @binding(0) var<storage, read> a: array<f16>;
@group(0) @binding(1) var<storage, read> b: array<f16>;
@group(0) @binding(2) var<storage, read_write> high: array<f32>;
@group(0) @binding(3) var<storage, read_write> rest: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(32)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let p = params;
  // Not flatIndex: through a call naga loses sight of what is the same for all threads.
  let flat = group.y * groups.x + group.x;
  let across = p.paddedN / 32u;
  let row = flat / across * 32u;
  let column = flat % across * 32u;
  if (row >= p.paddedM) { return; } // the whole workgroup
  let o0 = row * p.paddedN + column;
  let o1 = o0 + 16u * p.paddedN;
  let lowA = p.paddedM * p.paddedK;
  let lowB = p.paddedK * p.paddedN;
  // Both results were filled with zeros.
  var c00 = coopLoadT<coop_mat16x16<f32, C>>(&high[o0], p.paddedN);
  var c01 = coopLoadT<coop_mat16x16<f32, C>>(&high[o0 + 16u], p.paddedN);
  var c10 = coopLoadT<coop_mat16x16<f32, C>>(&high[o1], p.paddedN);
  var c11 = coopLoadT<coop_mat16x16<f32, C>>(&high[o1 + 16u], p.paddedN);
  var d00 = coopLoadT<coop_mat16x16<f32, C>>(&rest[o0], p.paddedN);
  var d01 = coopLoadT<coop_mat16x16<f32, C>>(&rest[o0 + 16u], p.paddedN);
  var d10 = coopLoadT<coop_mat16x16<f32, C>>(&rest[o1], p.paddedN);
  var d11 = coopLoadT<coop_mat16x16<f32, C>>(&rest[o1 + 16u], p.paddedN);
  for (var k = 0u; k < p.paddedK; k += 16u) {
    let atA = row * p.paddedK + k;
    let atB = k * p.paddedN + column;
    let x0 = coopLoadT<coop_mat16x16<f16, A>>(&a[atA], p.paddedK);
    let x1 = coopLoadT<coop_mat16x16<f16, A>>(&a[atA + 16u * p.paddedK], p.paddedK);
    let y0 = coopLoadT<coop_mat16x16<f16, B>>(&b[atB], p.paddedN);
    let y1 = coopLoadT<coop_mat16x16<f16, B>>(&b[atB + 16u], p.paddedN);
    c00 = coopMultiplyAdd(x0, y0, c00);
    c01 = coopMultiplyAdd(x0, y1, c01);
    c10 = coopMultiplyAdd(x1, y0, c10);
    c11 = coopMultiplyAdd(x1, y1, c11);
    if (SPLIT) {
      let u0 = coopLoadT<coop_mat16x16<f16, A>>(&a[lowA + atA], p.paddedK);
      let u1 = coopLoadT<coop_mat16x16<f16, A>>(&a[lowA + atA + 16u * p.paddedK], p.paddedK);
      let v0 = coopLoadT<coop_mat16x16<f16, B>>(&b[lowB + atB], p.paddedN);
      let v1 = coopLoadT<coop_mat16x16<f16, B>>(&b[lowB + atB + 16u], p.paddedN);
      d00 = coopMultiplyAdd(u0, y0, coopMultiplyAdd(x0, v0, d00));
      d01 = coopMultiplyAdd(u0, y1, coopMultiplyAdd(x0, v1, d01));
      d10 = coopMultiplyAdd(u1, y0, coopMultiplyAdd(x1, v0, d10));
      d11 = coopMultiplyAdd(u1, y1, coopMultiplyAdd(x1, v1, d11));
    }
  }
  // Named first: naga takes the values of a store that are names, and loses those made within it.
  let pitch = p.paddedN;
  let right0 = o0 + 16u;
  let right1 = o1 + 16u;
  let s00 = c00;
  let s01 = c01;
  let s10 = c10;
  let s11 = c11;
  coopStoreT(s00, &high[o0], pitch);
  coopStoreT(s01, &high[right0], pitch);
  coopStoreT(s10, &high[o1], pitch);
  coopStoreT(s11, &high[right1], pitch);
  if (SPLIT) {
    let t00 = d00;
    let t01 = d01;
    let t10 = d10;
    let t11 = d11;
    coopStoreT(t00, &rest[o0], pitch);
    coopStoreT(t01, &rest[right0], pitch);
    coopStoreT(t10, &rest[o1], pitch);
    coopStoreT(t11, &rest[right1], pitch);
  }
}
