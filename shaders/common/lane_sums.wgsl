// Sums and maxima over the threads that share a row, in a fixed order: a tree through workgroup memory, which
// any device can do. One with subgroups gets lane_sums_subgroups.wgsl in this file's place. Every thread of
// the workgroup must come to each of these functions.

/// What differs between the threads of a workgroup. What does not stands apart: a compiler takes all of a struct
/// to differ where a member does, and then allows no barrier behind it.
struct Thread {
  @builtin(local_invocation_index) local: u32,
}

var<workgroup> laneCells: array<f32, WIDTH>;
var<workgroup> lanePairs: array<vec2f, WIDTH>;

fn laneSum(me: Thread, value: f32) -> f32 {
  if (LANES == 1u) { return value; }
  laneCells[me.local] = value;
  workgroupBarrier();
  for (var step = WIDTH / 2u; step > 0u; step >>= 1u) {
    if (me.local < step) { laneCells[me.local] += laneCells[me.local + step]; }
    workgroupBarrier();
  }
  let total = laneCells[0];
  workgroupBarrier();
  return total;
}

/// Two sums at once, for the barriers of one.
fn laneSums(me: Thread, values: vec2f) -> vec2f {
  if (LANES == 1u) { return values; }
  lanePairs[me.local] = values;
  workgroupBarrier();
  for (var step = WIDTH / 2u; step > 0u; step >>= 1u) {
    if (me.local < step) { lanePairs[me.local] += lanePairs[me.local + step]; }
    workgroupBarrier();
  }
  let totals = lanePairs[0];
  workgroupBarrier();
  return totals;
}

fn laneMax(me: Thread, value: f32) -> f32 {
  if (LANES == 1u) { return value; }
  laneCells[me.local] = value;
  workgroupBarrier();
  for (var step = WIDTH / 2u; step > 0u; step >>= 1u) {
    if (me.local < step) { laneCells[me.local] = max(laneCells[me.local], laneCells[me.local + step]); }
    workgroupBarrier();
  }
  let largest = laneCells[0];
  workgroupBarrier();
  return largest;
}
