// conv_weight: partial gradients of weights and bias of a convolution (ConvPlan), summed over chunks
// of output positions: [chunk][weights, then biases]. One sum a thread; sum_chunks adds the chunks.

struct Params {
  images: u32, groups: u32, channels: u32, outputs: u32,
  height: i32, width: i32, high: u32, wide: u32,
  strideY: i32, strideX: i32, dilationY: i32, dilationX: i32,
  top: i32, left: i32, rows: u32, columns: u32,
  outHeight: u32, outWidth: u32, firstY: u32, firstX: u32,
  stepY: u32, stepX: u32, total: u32, weightWords: u32,
  positions: u32, chunk: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> g: array<f32>;
@group(0) @binding(2) var<storage, read_write> partial: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let flat = flatIndex(group, groups, local, 64u);
  if (flat >= p.total) { return; }
  let maps = p.groups * p.outputs;
  let pitch = p.weightWords + maps;
  let which = flat % pitch;
  let start = flat / pitch * p.chunk;
  let end = min(start + p.chunk, p.positions);
  let isBias = which >= p.weightWords;
  let taps = p.channels * p.high * p.wide;
  let map = select(which / taps, which - p.weightWords, isBias); // (group, output)
  let plane = map / p.outputs * p.channels + which / (p.high * p.wide) % p.channels;
  let tapY = i32(which / p.wide % p.high) * p.dilationY - p.top;
  let tapX = i32(which % p.wide) * p.dilationX - p.left;
  let area = p.rows * p.columns;
  var total = 0.0;
  for (var i = start; i < end; i++) {
    let image = i / area;
    let at = i - image * area;
    let grad = g[(image * maps + map) * area + at];
    if (isBias) {
      total += grad;
      continue;
    }
    let y = i32(at / p.columns) * p.strideY + tapY;
    let xx = i32(at % p.columns) * p.strideX + tapX;
    if (y < 0 || y >= p.height || xx < 0 || xx >= p.width) { continue; }
    let source = i32(image * p.groups * p.channels + plane) * p.height + y;
    total += grad * x[source * p.width + xx];
  }
  partial[flat] = total;
}
