// Attention backward. A thread takes one head of one clip: for every block of keys it goes through the
// queries 48 at a time, makes their probabilities anew from the log-sum-exp, and adds to the gradients,
// which are kept transposed ([D][16]) and turned when they are done. Queries · scale are q̂ below.
import { at, float, int, ptr, threadId } from "./abi";
import { dropRows, expBelow4, multiply, storeColumns } from "./attention_tile";
import { packColumns, packColumns6, packRows6 } from "./pack";
import { lanesSum } from "./runs";

/** Keys and queries a block, both multiples of 48: the four score panels of 36 KiB stay in the second cache. */
const KEYS: i32 = 192;
const QUERIES: i32 = 48;

/** Σ x·y of `n` adjacent floats. */
function dot(x: usize, y: usize, n: i32): f32 {
  let sums = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    sums = f32x4.relaxed_madd(v128.load(at(x, i)), v128.load(at(y, i)), sums);
  }
  let total = lanesSum(sums);
  for (; i < n; i++) total += load<f32>(at(x, i)) * load<f32>(at(y, i));
  return total;
}

/**
 * Over panels [rows][16] of scores s and of g · v: s becomes the probabilities p = exp(s − lse), and the
 * other p · (g · v − delta).
 */
function scoreGradients(s: usize, g: usize, rows: i32, lse: usize, delta: usize): void {
  for (let i = 0; i < 64; i += 32) {
    const la = v128.load(lse + i);
    const lb = v128.load(lse + i, 16);
    const da = v128.load(delta + i);
    const db = v128.load(delta + i, 16);
    let sRow = s + i, gRow = g + i;
    for (let j = 0; j < rows; j++) {
      const x = expBelow4(f32x4.sub(v128.load(sRow), la));
      const y = expBelow4(f32x4.sub(v128.load(sRow, 16), lb));
      const u = f32x4.mul(x, f32x4.sub(v128.load(gRow), da));
      const w = f32x4.mul(y, f32x4.sub(v128.load(gRow, 16), db));
      v128.store(sRow, x);
      v128.store(sRow, y, 16);
      v128.store(gRow, u);
      v128.store(gRow, w, 16);
      sRow += 64;
      gRow += 64;
    }
  }
}

/** Turns a panel [rows][16] in blocks of 16 rows: row i of block b goes to `to` + b · step + 64 i. */
function turn(from: usize, rows: i32, to: usize, step: usize): void {
  for (let row = 0; row < rows; row += 16) {
    for (let r = 0; r < 16; r += 4) {
      for (let c = 0; c < 16; c += 4) {
        const line = at(from, c) + (<usize> r << 6);
        const x = v128.load(line);
        const y = v128.load(line, 64);
        const z = v128.load(line, 128);
        const w = v128.load(line, 192);
        const xy = v128.shuffle<f32>(x, y, 0, 4, 1, 5);
        const XY = v128.shuffle<f32>(x, y, 2, 6, 3, 7);
        const zw = v128.shuffle<f32>(z, w, 0, 4, 1, 5);
        const ZW = v128.shuffle<f32>(z, w, 2, 6, 3, 7);
        const out = at(to, r) + (<usize> c << 6);
        v128.store(out, v128.shuffle<f32>(xy, zw, 0, 1, 4, 5));
        v128.store(out, v128.shuffle<f32>(xy, zw, 2, 3, 6, 7), 64);
        v128.store(out, v128.shuffle<f32>(XY, ZW, 0, 1, 4, 5), 128);
        v128.store(out, v128.shuffle<f32>(XY, ZW, 2, 3, 6, 7), 192);
      }
    }
    from += 1024;
    to += step;
  }
}

/**
 * attentionGrad: dO, q, k, v, lengths, O, lse, dq, dk, dv, scratch; heads, T, D, lengths given, scratch
 * words a thread, scale, dropout's threshold (0: none) and factor, key and counter. Items: heads of
 * all clips.
 */
export function attentionGrad(p: usize, start: i32, end: i32): void {
  const heads = int(p, 11), T = int(p, 12), D = int(p, 13), masked = int(p, 14) != 0;
  const scale = float(p, 16), threshold = <u32> int(p, 17), keep = float(p, 18);
  const k0 = <u32> int(p, 19), k1 = <u32> int(p, 20);
  const counter = load<u64>(p + (21 << 2));
  const pitch = <usize> (heads * D) << 2;
  const panels = (T + QUERIES - 1) / QUERIES * (QUERIES / 16); // of 16 queries, whole blocks of them
  const rows = panels * 16, depthPanels = (D + 5) / 6;
  // The thread's scratch; every piece is a multiple of 16 floats.
  const table = at(ptr(p, 10), threadId * int(p, 15));
  const zeros = at(table, (max(KEYS, D) + 15) & ~15);
  const ones = at(zeros, 16); // factors of storeColumns
  const scales = at(ones, 16);
  const lses = at(scales, 16); // [rows]
  const deltas = at(lses, rows); // [rows]: Σ dO · O of every query
  const queries = at(deltas, rows); // [panels][D][16], q̂
  const grads = at(queries, rows * D); // the same of dO
  const queryRows = at(grads, rows * D); // [depthPanels][rows][6], q
  const gradRows = at(queryRows, rows * depthPanels * 6); // the same of dO
  const dQuery = at(gradRows, rows * depthPanels * 6); // [panels][6 · depthPanels][16]
  const keys = at(dQuery, rows * depthPanels * 6); // [KEYS / 6][D][6]
  const values = at(keys, KEYS * D); // the same of v
  const keyRows = at(values, KEYS * D); // [depthPanels][KEYS][6]
  const dKey = at(keyRows, KEYS * depthPanels * 6); // [KEYS / 16][6 · depthPanels][16]
  const dValue = at(dKey, KEYS * depthPanels * 6); // the same of v
  const probabilities = at(dValue, KEYS * depthPanels * 6); // [KEYS][16], of one panel of queries
  const scoreGrads = at(probabilities, KEYS * 16); // the same
  const turnedP = at(scoreGrads, KEYS * 16); // [KEYS / 16][QUERIES][16 keys]
  const turnedS = at(turnedP, KEYS * QUERIES); // the same
  const depthWords = depthPanels * 96;
  for (let i = 0; i < max(KEYS, D); i++) store<u32>(at(table, i), i << 6);
  for (let i = 0; i < 16; i++) {
    store<f32>(at(zeros, i), 0);
    store<f32>(at(ones, i), keep);
    store<f32>(at(scales, i), scale);
  }

  for (let item = start; item < end; item++) {
    const clip = item / heads, head = item % heads;
    const base = <usize> clip * T * pitch + (<usize> (head * D) << 2);
    const dO = ptr(p, 0) + base, q = ptr(p, 1) + base, k = ptr(p, 2) + base, v = ptr(p, 3) + base;
    const O = ptr(p, 5) + base;
    const dq = ptr(p, 7) + base, dk = ptr(p, 8) + base, dv = ptr(p, 9) + base;
    const n = masked ? max(0, min(T, load<i32>(at(ptr(p, 4), clip)))) : T;
    for (let i = 0; i < rows; i++) {
      const row = <usize> i * pitch;
      store<f32>(at(lses, i), i < T ? load<f32>(at(ptr(p, 6), item * T + i)) : 0);
      store<f32>(at(deltas, i), i < T ? dot(dO + row, O + row, D) : 0);
    }
    for (let i = 0; i < rows; i += 16) {
      const row = <usize> i * pitch, wide = max(0, min(16, T - i));
      packColumns(q + row, pitch, D, wide, at(queries, i * D));
      packColumns(dO + row, pitch, D, wide, at(grads, i * D));
    }
    const s = f32x4.splat(scale), f = f32x4.splat(keep);
    for (let i = 0; i < rows * D; i += 4) {
      v128.store(at(queries, i), f32x4.mul(v128.load(at(queries, i)), s));
      v128.store(at(grads, i), f32x4.mul(v128.load(at(grads, i)), f));
    }
    memory.fill(queryRows, 0, <usize> (rows * depthPanels * 18) << 2); // with gradRows and dQuery
    packColumns6(q, pitch, T, D, rows, queryRows);
    packColumns6(dO, pitch, T, D, rows, gradRows);

    for (let j = 0; j < n; j += KEYS) {
      const high = min(KEYS, n - j);
      const from = <usize> j * pitch;
      packRows6(k + from, pitch, high, D, keys);
      packRows6(v + from, pitch, high, D, values);
      packColumns6(k + from, pitch, high, D, KEYS, keyRows);
      memory.fill(dKey, 0, <usize> (KEYS * depthPanels * 12) << 2); // with dValue
      for (let i = 0; i < rows; i += QUERIES) {
        for (let c = 0; c < QUERIES; c += 16) {
          const panel = i + c;
          const keyPanels = (high + 5) / 6;
          const query = at(queries, panel * D), grad = at(grads, panel * D);
          multiply(keys, D * 6, keyPanels, query, D, probabilities, false, table, zeros);
          multiply(values, D * 6, keyPanels, grad, D, scoreGrads, false, table, zeros);
          const first = <u64> (item * ((T + 1) >> 1) + (j >> 1)) * <u64> T + <u64> panel + counter;
          if (threshold != 0) dropRows(scoreGrads, high, first, T, threshold, k0, k1);
          const lse = at(lses, panel), delta = at(deltas, panel);
          scoreGradients(probabilities, scoreGrads, high, lse, delta);
          if (threshold != 0) dropRows(probabilities, high, first, T, threshold, k0, k1);
          const into = at(dQuery, panel * depthPanels * 6);
          multiply(keyRows, KEYS * 6, depthPanels, scoreGrads, high, into, true, table, zeros);
          turn(probabilities, high, at(turnedP, c * 16), QUERIES * 64);
          turn(scoreGrads, high, at(turnedS, c * 16), QUERIES * 64);
        }
        for (let b = 0; b * 16 < high; b++) {
          const p = at(turnedP, b * QUERIES * 16), s = at(turnedS, b * QUERIES * 16);
          const intoK = at(dKey, b * depthWords), intoV = at(dValue, b * depthWords);
          const g = at(gradRows, i * 6), q = at(queryRows, i * 6);
          multiply(g, rows * 6, depthPanels, p, QUERIES, intoV, true, table, zeros);
          multiply(q, rows * 6, depthPanels, s, QUERIES, intoK, true, table, zeros);
        }
      }
      for (let b = 0; b < high; b += 16) {
        const row = from + <usize> b * pitch, wide = min(16, high - b);
        storeColumns(at(dKey, b * depthPanels * 6), D, wide, scales, dk + row, pitch);
        storeColumns(at(dValue, b * depthPanels * 6), D, wide, ones, dv + row, pitch);
      }
    }
    for (let i = 0; i < T; i += 16) {
      const wide = min(16, T - i);
      const panel = at(dQuery, i * depthPanels * 6);
      storeColumns(panel, D, wide, scales, dq + <usize> i * pitch, pitch);
    }
    for (let j = n; j < T; j++) {
      memory.fill(dk + <usize> j * pitch, 0, <usize> D << 2);
      memory.fill(dv + <usize> j * pitch, 0, <usize> D << 2);
    }
  }
}
