// The microkernel of the weights' gradient. The form is the revectorizer's, as in tile.ts.

/** Outputs' channels and taps that `correlate` sums at once. */
export const OUTPUTS: i32 = 6;
export const TAPS: i32 = 2;

/**
 * out[o][t] = Σᵢ g[i][o] · x_t[i] for i < n, lane by lane: g is [n][6][8], x_t[i] is 8 floats at
 * `x_t + table[i]` (byte offsets), out is [6][2][8]. `zero` points at 32 bytes of zeros.
 */
export function correlate(
  n: i32,
  table: usize,
  x0: usize,
  x1: usize,
  g: usize,
  zero: usize,
  out: usize,
): void {
  let c00a = v128.load(zero);
  let c00b = v128.load(zero, 16);
  let c01a = v128.load(zero);
  let c01b = v128.load(zero, 16);
  let c10a = v128.load(zero);
  let c10b = v128.load(zero, 16);
  let c11a = v128.load(zero);
  let c11b = v128.load(zero, 16);
  let c20a = v128.load(zero);
  let c20b = v128.load(zero, 16);
  let c21a = v128.load(zero);
  let c21b = v128.load(zero, 16);
  let c30a = v128.load(zero);
  let c30b = v128.load(zero, 16);
  let c31a = v128.load(zero);
  let c31b = v128.load(zero, 16);
  let c40a = v128.load(zero);
  let c40b = v128.load(zero, 16);
  let c41a = v128.load(zero);
  let c41b = v128.load(zero, 16);
  let c50a = v128.load(zero);
  let c50b = v128.load(zero, 16);
  let c51a = v128.load(zero);
  let c51b = v128.load(zero, 16);
  for (let i = 0; i < n; i++) {
    const offset = <usize> load<u32>(table);
    const p0 = x0 + offset;
    const x0a = v128.load(p0);
    const x0b = v128.load(p0, 16);
    const p1 = x1 + offset;
    const x1a = v128.load(p1);
    const x1b = v128.load(p1, 16);
    const g0a = v128.load(g);
    const g0b = v128.load(g, 16);
    c00a = f32x4.relaxed_madd(g0a, x0a, c00a);
    c00b = f32x4.relaxed_madd(g0b, x0b, c00b);
    c01a = f32x4.relaxed_madd(g0a, x1a, c01a);
    c01b = f32x4.relaxed_madd(g0b, x1b, c01b);
    const g1a = v128.load(g, 32);
    const g1b = v128.load(g, 48);
    c10a = f32x4.relaxed_madd(g1a, x0a, c10a);
    c10b = f32x4.relaxed_madd(g1b, x0b, c10b);
    c11a = f32x4.relaxed_madd(g1a, x1a, c11a);
    c11b = f32x4.relaxed_madd(g1b, x1b, c11b);
    const g2a = v128.load(g, 64);
    const g2b = v128.load(g, 80);
    c20a = f32x4.relaxed_madd(g2a, x0a, c20a);
    c20b = f32x4.relaxed_madd(g2b, x0b, c20b);
    c21a = f32x4.relaxed_madd(g2a, x1a, c21a);
    c21b = f32x4.relaxed_madd(g2b, x1b, c21b);
    const g3a = v128.load(g, 96);
    const g3b = v128.load(g, 112);
    c30a = f32x4.relaxed_madd(g3a, x0a, c30a);
    c30b = f32x4.relaxed_madd(g3b, x0b, c30b);
    c31a = f32x4.relaxed_madd(g3a, x1a, c31a);
    c31b = f32x4.relaxed_madd(g3b, x1b, c31b);
    const g4a = v128.load(g, 128);
    const g4b = v128.load(g, 144);
    c40a = f32x4.relaxed_madd(g4a, x0a, c40a);
    c40b = f32x4.relaxed_madd(g4b, x0b, c40b);
    c41a = f32x4.relaxed_madd(g4a, x1a, c41a);
    c41b = f32x4.relaxed_madd(g4b, x1b, c41b);
    const g5a = v128.load(g, 160);
    const g5b = v128.load(g, 176);
    c50a = f32x4.relaxed_madd(g5a, x0a, c50a);
    c50b = f32x4.relaxed_madd(g5b, x0b, c50b);
    c51a = f32x4.relaxed_madd(g5a, x1a, c51a);
    c51b = f32x4.relaxed_madd(g5b, x1b, c51b);
    table += 4;
    g += 192;
  }
  v128.store(out, c00a);
  v128.store(out, c00b, 16);
  v128.store(out, c01a, 32);
  v128.store(out, c01b, 48);
  v128.store(out, c10a, 64);
  v128.store(out, c10b, 80);
  v128.store(out, c11a, 96);
  v128.store(out, c11b, 112);
  v128.store(out, c20a, 128);
  v128.store(out, c20b, 144);
  v128.store(out, c21a, 160);
  v128.store(out, c21b, 176);
  v128.store(out, c30a, 192);
  v128.store(out, c30b, 208);
  v128.store(out, c31a, 224);
  v128.store(out, c31b, 240);
  v128.store(out, c40a, 256);
  v128.store(out, c40b, 272);
  v128.store(out, c41a, 288);
  v128.store(out, c41b, 304);
  v128.store(out, c50a, 320);
  v128.store(out, c50b, 336);
  v128.store(out, c51a, 352);
  v128.store(out, c51b, 368);
}
