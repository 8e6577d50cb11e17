// lane_sums.wgsl for devices with subgroups, with the same functions: each subgroup adds up its own threads by
// one instruction, and their sums go through workgroup memory, one a subgroup, added in the order of their
// numbers; also where there is but one, since a compiler cannot know that all threads would agree. Nothing is taken for granted of a subgroup's size, nor of
// which threads are in it. No `enable subgroups;`: Deno refuses it (engine/webgpu/subgroups.ts).

struct Thread {
  @builtin(local_invocation_index) local: u32,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(num_subgroups) subgroups: u32,
}

// As many as there are threads: no subgroup is smaller than one.
var<workgroup> laneCells: array<f32, WIDTH>;
var<workgroup> lanePairs: array<vec2f, WIDTH>;

/// Whether this thread speaks for its subgroup.
fn speaks(me: Thread) -> bool {
  return subgroupBroadcastFirst(me.local) == me.local;
}

fn laneSum(me: Thread, value: f32) -> f32 {
  if (LANES == 1u) { return value; }
  let own = subgroupAdd(value);
  if (speaks(me)) { laneCells[me.subgroup] = own; }
  workgroupBarrier();
  var total = laneCells[0];
  for (var s = 1u; s < me.subgroups; s++) { total += laneCells[s]; }
  workgroupBarrier();
  return total;
}

/// Two sums at once, for the barriers of one.
fn laneSums(me: Thread, values: vec2f) -> vec2f {
  if (LANES == 1u) { return values; }
  let own = subgroupAdd(values);
  if (speaks(me)) { lanePairs[me.subgroup] = own; }
  workgroupBarrier();
  var totals = lanePairs[0];
  for (var s = 1u; s < me.subgroups; s++) { totals += lanePairs[s]; }
  workgroupBarrier();
  return totals;
}

fn laneMax(me: Thread, value: f32) -> f32 {
  if (LANES == 1u) { return value; }
  let own = subgroupMax(value);
  if (speaks(me)) { laneCells[me.subgroup] = own; }
  workgroupBarrier();
  var largest = laneCells[0];
  for (var s = 1u; s < me.subgroups; s++) { largest = max(largest, laneCells[s]); }
  workgroupBarrier();
  return largest;
}
