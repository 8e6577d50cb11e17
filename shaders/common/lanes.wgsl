// What kernels that work row by row share (see ops/rows.ts): which row a thread takes, its place among the
// threads that take the same, and by lane_sums.wgsl how these bring together what each found of it.

// #include common/lane_sums.wgsl

/// Threads of a workgroup.
override WIDTH: u32 = 64u;
/// Threads that share a row: 1, or all of a workgroup.
override LANES: u32 = WIDTH;

/// Row of this thread; may lie past the last one, for barriers forbid an early return.
fn laneRow(me: Thread, group: vec3u, groups: vec3u) -> u32 {
  if (LANES == 1u) { return flatIndex(group, groups, me.local, WIDTH); }
  return flatIndex(group, groups, 0u, 1u);
}

/// This thread's place among those that share its row.
fn laneOf(me: Thread) -> u32 {
  if (LANES == 1u) { return 0u; }
  return me.local;
}
