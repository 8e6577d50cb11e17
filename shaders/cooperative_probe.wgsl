// cooperative_probe: what shaders ask of matrices that a subgroup's threads hold together beside what
// matmul_cooperative does: loads from workgroup memory and stores to it, by rows and by columns, and a factor on
// a whole matrix. With z = x · y + xᵀ · yᵀ, out is z and then 2 · zᵀ, 16×16 each (engine/webgpu/cooperative.ts).

enable f16;
enable wgpu_cooperative_matrix;

@group(0) @binding(0) var<storage, read> operands: array<f32>; // x, y
@group(0) @binding(1) var<storage, read_write> out: array<f32>;

const PITCH = 24u; // as conv_weight_cooperative has it: not a matrix's own

var<workgroup> halves: array<f16, 768>; // x and y [row][column]
var<workgroup> sums: array<f32, 768>; // z and 2 · zᵀ

@compute @workgroup_size(32)
fn main(@builtin(local_invocation_index) local: u32) {
  for (var i = local; i < 512u; i += 32u) { halves[i / 16u * PITCH + i % 16u] = f16(operands[i]); }
  workgroupBarrier();
  let x = coopLoadT<coop_mat16x16<f16, A>>(&halves[0], PITCH);
  let y = coopLoadT<coop_mat16x16<f16, B>>(&halves[384], PITCH);
  let xt = coopLoad<coop_mat16x16<f16, A>>(&halves[0], PITCH);
  let yt = coopLoad<coop_mat16x16<f16, B>>(&halves[384], PITCH);
  var z = coop_mat16x16<f32, C>();
  z = coopMultiplyAdd(x, y, z);
  z = coopMultiplyAdd(xt, yt, z);
  // Named first: see matmul_cooperative.
  let z0 = z;
  coopStoreT(z0, &sums[0], PITCH);
  workgroupBarrier();
  var twice = coopLoadT<coop_mat16x16<f32, C>>(&sums[0], PITCH);
  let factor = 2.0;
  twice = twice * factor;
  let z1 = twice;
  coopStore(z1, &sums[384], PITCH);
  workgroupBarrier();
  for (var i = local; i < 512u; i += 32u) { out[i] = sums[i / 16u * PITCH + i % 16u]; }
}
