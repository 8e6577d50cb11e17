// What changed: Cooley and Tukey's halving, as Stockham ordered it (no bit reversal): log2 N passes, a thread a
// butterfly, each pass a dispatch over the whole batch. Why it should help: N log N instead of N² operations.
// What it costs: the batch travels through memory once a pass, ten times for 1,024 points, and the signal is
// treated as complex with imaginary parts 0, twice the work that a real one needs.
//   stage: [batch, N] → [batch, N] complex, from runs of s to runs of 2s; widen: reals → complex;
//   keep: [batch, N] → [batch, N/2 + 1].

struct Params { batch: u32, n: u32, s: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec2f>;
@group(0) @binding(1) var<storage, read> table: array<vec2f>; // e^(−2πi k/N)
@group(0) @binding(2) var<storage, read_write> out: array<vec2f>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn widen(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  if (i >= params.batch * params.n / 2u) { return; }
  let pair = x[i]; // two neighbouring reals
  out[2u * i] = vec2f(pair.x, 0.0);
  out[2u * i + 1u] = vec2f(pair.y, 0.0);
}

@compute @workgroup_size(64)
fn stage(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  let half = params.n / 2u;
  if (i >= params.batch * half) { return; }
  let base = i / half * params.n;
  let j = i % half;
  let q = j % params.s;
  let p = j - q; // butterfly times s: its twiddle is e^(−2πi p/N)
  let a = x[base + j];
  let b = x[base + j + half];
  let w = table[p];
  let d = a - b;
  out[base + q + 2u * p] = a + b;
  out[base + q + 2u * p + params.s] = vec2f(d.x * w.x - d.y * w.y, d.x * w.y + d.y * w.x);
}

@compute @workgroup_size(64)
fn keep(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flatIndex(group, groups, local, 64u);
  let bins = params.n / 2u + 1u;
  if (i >= params.batch * bins) { return; }
  out[i] = x[i / bins * params.n + i % bins];
}
