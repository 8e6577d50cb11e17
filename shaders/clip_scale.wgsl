// clip_scale: out = (scale, norm) with norm = √Σ partial and scale = min(1, maxNorm / (norm + 1e-6));
// NaN stays NaN. One workgroup.

// #include common/lanes.wgsl

struct Params { slots: u32, maxNorm: f32 }

@group(0) @binding(0) var<storage, read> partial: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(WIDTH)
fn main(me: Thread, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {
  var sum = 0.0;
  for (var k = me.local; k < params.slots; k += WIDTH) { sum += partial[k]; }
  let total = sqrt(laneSum(me, sum));
  if (me.local == 0u) {
    let factor = params.maxNorm / (total + 1e-6);
    out[0] = select(factor, 1.0, factor > 1.0);
    out[1] = total;
  }
}
