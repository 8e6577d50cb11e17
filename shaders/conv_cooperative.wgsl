// conv_cooperative: what a ConvPlan (ops/conv_plan.ts) says, of halves, by matrices that a subgroup's threads hold
// together (see matmul_cooperative): for each tap a product of its weights [outputs, channels] with the input
// under it [channels, positions], 16 channels at a time; sums are f32. Weights are read from where
// conv_cooperative_weights laid them, inputs go through workgroup memory. A workgroup is one subgroup of 32
// threads and computes 16 · ROWS outputs at 32 positions, a thread bringing one position's inputs and taking its
// sums. x [N, groups · channels, H, W], packed [groups, taps, tall, deep], out [N, groups · outputs, OH, OW].

enable f16;
enable wgpu_cooperative_matrix;

override BIAS: bool;
override RELU: bool;
override ROWS: u32; // 1, 2 or 4
// #include common/conv_places.wgsl

@group(0) @binding(1) var<storage, read> packed: array<f16>;

const ACROSS = 32u; // positions
const PITCH = 40u; // rows begin at whole 16 bytes, and spread over the memory banks

var<workgroup> inputs: array<f16, 640>; // [channel][position]: 16 · PITCH
var<workgroup> sums: array<f32, 512>; // [output][position]

fn storeRow(g: u32, o: u32, position: u32, local: u32) {
  for (var i = 0u; i < 16u; i++) { store(g, o + i, position, sums[i * ACROSS + local]); }
}

@compute @workgroup_size(32)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  // Not flatIndex: through a call naga loses sight of what is the same for all threads.
  let flat = group.y * groups.x + group.x;
  let positions = params.images * params.rows * params.columns;
  let across = (positions + ACROSS - 1u) / ACROSS;
  let down = (params.outputs + 16u * ROWS - 1u) / (16u * ROWS);
  let g = flat / across / down;
  if (g >= params.groups) { return; } // the whole workgroup
  let position = flat % across * ACROSS + local;
  let o0 = flat / across % down * 16u * ROWS;
  let at = origin(min(position, positions - 1u), g);
  let taps = params.high * params.wide;
  let deep = (params.channels + 15u) / 16u * 16u;
  let tall = down * 16u * ROWS;
  var c00 = coop_mat16x16<f32, C>();
  var c01 = coop_mat16x16<f32, C>();
  var c10 = coop_mat16x16<f32, C>();
  var c11 = coop_mat16x16<f32, C>();
  var c20 = coop_mat16x16<f32, C>();
  var c21 = coop_mat16x16<f32, C>();
  var c30 = coop_mat16x16<f32, C>();
  var c31 = coop_mat16x16<f32, C>();
  for (var tap = 0u; tap < taps; tap++) {
    let row = ((g * taps + tap) * tall + o0) * deep;
    for (var channel = 0u; channel < params.channels; channel += 16u) {
      for (var i = 0u; i < 16u; i++) {
        var value = 0.0;
        if (channel + i < params.channels) {
          value = source(at, vec3u(channel + i, tap / params.wide, tap % params.wide));
        }
        inputs[i * PITCH + local] = f16(value);
      }
      workgroupBarrier();
      let y0 = coopLoadT<coop_mat16x16<f16, B>>(&inputs[0], PITCH);
      let y1 = coopLoadT<coop_mat16x16<f16, B>>(&inputs[16], PITCH);
      let x0 = coopLoadT<coop_mat16x16<f16, A>>(&packed[row + channel], deep);
      c00 = coopMultiplyAdd(x0, y0, c00);
      c01 = coopMultiplyAdd(x0, y1, c01);
      if (ROWS > 1u) {
        let x1 = coopLoadT<coop_mat16x16<f16, A>>(&packed[row + 16u * deep + channel], deep);
        c10 = coopMultiplyAdd(x1, y0, c10);
        c11 = coopMultiplyAdd(x1, y1, c11);
      }
      if (ROWS > 2u) {
        let x2 = coopLoadT<coop_mat16x16<f16, A>>(&packed[row + 32u * deep + channel], deep);
        let x3 = coopLoadT<coop_mat16x16<f16, A>>(&packed[row + 48u * deep + channel], deep);
        c20 = coopMultiplyAdd(x2, y0, c20);
        c21 = coopMultiplyAdd(x2, y1, c21);
        c30 = coopMultiplyAdd(x3, y0, c30);
        c31 = coopMultiplyAdd(x3, y1, c31);
      }
      workgroupBarrier();
    }
  }
  // Named first: see matmul_cooperative.
  let s00 = c00;
  let s01 = c01;
  coopStoreT(s00, &sums[0], ACROSS);
  coopStoreT(s01, &sums[16], ACROSS);
  workgroupBarrier();
  storeRow(g, o0, position, local);
  if (ROWS > 1u) {
    let s10 = c10;
    let s11 = c11;
    workgroupBarrier();
    coopStoreT(s10, &sums[0], ACROSS);
    coopStoreT(s11, &sums[16], ACROSS);
    workgroupBarrier();
    storeRow(g, o0 + 16u, position, local);
  }
  if (ROWS > 2u) {
    let s20 = c20;
    let s21 = c21;
    workgroupBarrier();
    coopStoreT(s20, &sums[0], ACROSS);
    coopStoreT(s21, &sums[16], ACROSS);
    workgroupBarrier();
    storeRow(g, o0 + 32u, position, local);
    let s30 = c30;
    let s31 = c31;
    workgroupBarrier();
    coopStoreT(s30, &sums[0], ACROSS);
    coopStoreT(s31, &sums[16], ACROSS);
    workgroupBarrier();
    storeRow(g, o0 + 48u, position, local);
  }
}
