// conv_weight_cooperative: partial gradients as conv_weight_tiled makes them, of halves, by matrices that a
// subgroup's threads hold together (see matmul_cooperative): for each tap a product of the output's gradient
// [outputs, positions] with the input under the tap [positions, channels], 16 positions at a time; sums are f32.
// Gradients are read from where they lie: planes are whole 16s of positions, outputs whole matrices. Inputs go
// through workgroup memory. A workgroup is one subgroup of 32 threads and computes 16 · ROWS outputs by 32
// channels of one tap; past the last tap comes a tile for the bias, whose inputs are ones.

enable f16;
enable wgpu_cooperative_matrix;

override ROWS: u32; // 1, 2 or 4
// #include common/conv_weight_places.wgsl

@group(0) @binding(1) var<storage, read> g: array<f16>;

const ACROSS = 32u; // channels
const PITCH = 24u; // rows begin at whole 16 bytes, and spread over the memory banks

var<workgroup> inputs: array<f16, 768>; // [channel][position]: ACROSS · PITCH
var<workgroup> sums: array<f32, 512>; // [output][channel]

fn storeRow(chunk: u32, group: u32, o: u32, k: u32, local: u32) {
  for (var i = 0u; i < 16u; i++) { store(chunk, group, o + i, k, sums[i * ACROSS + local]); }
}

@compute @workgroup_size(32)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  // Not flatIndex: through a call naga loses sight of what is the same for all threads.
  let flat = group.y * groups.x + group.x;
  let area = params.high * params.wide;
  let blocks = (params.channels + ACROSS - 1u) / ACROSS;
  let across = area * blocks + 1u; // with the bias
  let down = params.outputs / 16u / ROWS;
  let rest = flat / across / down;
  let which = rest % params.groups;
  let chunk = rest / params.groups;
  if (chunk >= params.chunks) { return; } // the whole workgroup
  let tap = flat % across % area;
  let channel0 = flat % across / area * ACROSS; // past the channels in the bias's tile: there source is 1
  let o0 = flat / across % down * 16u * ROWS;
  let plane = params.rows * params.columns;
  var c00 = coop_mat16x16<f32, C>();
  var c01 = coop_mat16x16<f32, C>();
  var c10 = coop_mat16x16<f32, C>();
  var c11 = coop_mat16x16<f32, C>();
  var c20 = coop_mat16x16<f32, C>();
  var c21 = coop_mat16x16<f32, C>();
  var c30 = coop_mat16x16<f32, C>();
  var c31 = coop_mat16x16<f32, C>();
  let end = min((chunk + 1u) * params.chunk, params.images * plane);
  for (var first = chunk * params.chunk; first < end; first += 16u) {
    // A thread brings 16 channels of one position.
    let at = place(first + local % 16u);
    for (var i = local / 16u * 16u; i < local / 16u * 16u + 16u; i++) {
      let value = source(at, which, vec3u(channel0 + i, tap / params.wide, tap % params.wide));
      inputs[i * PITCH + local % 16u] = f16(value);
    }
    workgroupBarrier();
    let row = ((first / plane * params.groups + which) * params.outputs + o0) * plane + first % plane;
    let y0 = coopLoad<coop_mat16x16<f16, B>>(&inputs[0], PITCH);
    let y1 = coopLoad<coop_mat16x16<f16, B>>(&inputs[16u * PITCH], PITCH);
    let x0 = coopLoadT<coop_mat16x16<f16, A>>(&g[row], plane);
    c00 = coopMultiplyAdd(x0, y0, c00);
    c01 = coopMultiplyAdd(x0, y1, c01);
    if (ROWS > 1u) {
      let x1 = coopLoadT<coop_mat16x16<f16, A>>(&g[row + 16u * plane], plane);
      c10 = coopMultiplyAdd(x1, y0, c10);
      c11 = coopMultiplyAdd(x1, y1, c11);
    }
    if (ROWS > 2u) {
      let x2 = coopLoadT<coop_mat16x16<f16, A>>(&g[row + 32u * plane], plane);
      let x3 = coopLoadT<coop_mat16x16<f16, A>>(&g[row + 48u * plane], plane);
      c20 = coopMultiplyAdd(x2, y0, c20);
      c21 = coopMultiplyAdd(x2, y1, c21);
      c30 = coopMultiplyAdd(x3, y0, c30);
      c31 = coopMultiplyAdd(x3, y1, c31);
    }
    workgroupBarrier();
  }
  // The weight that a thread's column is: past the last one the bias, once, and then none.
  let channel = channel0 + local;
  let taps = params.channels * area;
  var k = channel * area + tap;
  if (channel >= params.channels) { k = taps + select(1u, 0u, flat % across == across - 1u && local == 0u); }
  // Named first: see matmul_cooperative.
  let s00 = c00;
  let s01 = c01;
  coopStoreT(s00, &sums[0], ACROSS);
  coopStoreT(s01, &sums[16], ACROSS);
  workgroupBarrier();
  storeRow(chunk, which, o0, k, local);
  if (ROWS > 1u) {
    let s10 = c10;
    let s11 = c11;
    workgroupBarrier();
    coopStoreT(s10, &sums[0], ACROSS);
    coopStoreT(s11, &sums[16], ACROSS);
    workgroupBarrier();
    storeRow(chunk, which, o0 + 16u, k, local);
  }
  if (ROWS > 2u) {
    let s20 = c20;
    let s21 = c21;
    workgroupBarrier();
    coopStoreT(s20, &sums[0], ACROSS);
    coopStoreT(s21, &sums[16], ACROSS);
    workgroupBarrier();
    storeRow(chunk, which, o0 + 32u, k, local);
    let s30 = c30;
    let s31 = c31;
    workgroupBarrier();
    coopStoreT(s30, &sums[0], ACROSS);
    coopStoreT(s31, &sums[16], ACROSS);
    workgroupBarrier();
    storeRow(chunk, which, o0 + 48u, k, local);
  }
}
