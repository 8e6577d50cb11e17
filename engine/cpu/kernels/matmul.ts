// Matrix multiplication. A is packed once into panels of 6 rows ([panel][k][6]); each item then packs
// its block of B into panels of 16 columns, a slice of `DEPTH` of k at a time, and runs the 6×16
// microkernel over them. Packing pads with zeros, so the microkernel knows no edges. Between slices the sums
// are held in scratch, tile after tile, which the cache serves better than rows of C far apart (1.1 times as fast at 1024³).
import { at, int, ptr, threadId } from "./abi";
import { packColumns, packColumns6, packRows6 } from "./pack";
import { copyBlock, tile6x16 } from "./tile";

/** Rows of B a slice: one panel of it (24 KiB) stays in the first cache. */
const DEPTH: i32 = 384;

/**
 * matmulPack: a, out; rows, depth, panels, stride of rows, stride of k (elements), one of which is 1. Items:
 * panels of all matrices, `panels` each.
 */
export function matmulPack(p: usize, start: i32, end: i32): void {
  const a = ptr(p, 0), out = ptr(p, 1);
  const rows = int(p, 2), depth = int(p, 3), panels = int(p, 4);
  const rowStep = <usize> int(p, 5) << 2, kStep = <usize> int(p, 6) << 2;
  for (let i = start; i < end; i++) {
    const matrix = i / panels, row = i % panels * 6;
    const from = at(a, matrix * rows * depth) + row * rowStep;
    const to = at(out, i * depth * 6);
    const n = min(6, rows - row);
    if (kStep == 4) packRows6(from, rowStep, n, depth, to);
    else packColumns6(from, kStep, depth, n, depth, to);
  }
}

/** Panels of 16 columns from rows of B: [kc][16] from kc rows, `columns` ≤ 16 of each. */
function packRows(from: usize, step: usize, kc: i32, columns: i32, to: usize): void {
  if (columns == 16) {
    for (let k = 0; k < kc; k++) {
      const x = v128.load(from);
      const y = v128.load(from, 16);
      const z = v128.load(from, 32);
      const w = v128.load(from, 48);
      v128.store(to, x);
      v128.store(to, y, 16);
      v128.store(to, z, 32);
      v128.store(to, w, 48);
      from += step;
      to += 64;
    }
    return;
  }
  for (let k = 0; k < kc; k++) {
    for (let j = 0; j < 16; j++) {
      store<f32>(at(to, j), j < columns ? load<f32>(at(from, j)) : 0);
    }
    from += step;
    to += 64;
  }
}

/** Four whole panels at once: of a long row a run of 256 bytes comes at less than four times the cost of 64. */
function packRows4(from: usize, step: usize, kc: i32, to: usize): void {
  const panel = <usize> DEPTH << 6;
  for (let k = 0; k < kc; k++) {
    let out = to;
    for (let j: usize = 0; j < 256; j += 64) {
      const x = v128.load(from + j), y = v128.load(from + j, 16);
      const z = v128.load(from + j, 32), w = v128.load(from + j, 48);
      v128.store(out, x);
      v128.store(out, y, 16);
      v128.store(out, z, 32);
      v128.store(out, w, 48);
      out += panel;
    }
    from += step;
    to += 64;
  }
}

/** max(x, 0) in place over a block, NaN kept. */
function reluBlock(c: usize, row: usize, rows: i32, columns: i32): void {
  for (let i = 0; i < rows; i++) {
    let j = 0;
    for (; j + 4 <= columns; j += 4) {
      const x = v128.load(at(c, j));
      v128.store(at(c, j), v128.andnot(x, f32x4.lt(x, f32x4.splat(0))));
    }
    for (; j < columns; j++) {
      const x = load<f32>(at(c, j));
      if (x < 0) store<f32>(at(c, j), 0);
    }
    c += row;
  }
}

/**
 * matmul: packed A, B, C, scratch, bias; rows, depth, columns, blocks of rows, blocks of columns,
 * B transposed, bias given, ReLU, scratch words a thread, those of B's panels, batch rank, then size, stride of A and
 * stride of B (in matrices) of the batch axes, innermost first. Items: blocks of all matrices.
 */
export function matmul(p: usize, start: i32, end: i32): void {
  const packed = ptr(p, 0), b = ptr(p, 1), c = ptr(p, 2), bias = ptr(p, 4);
  const rows = int(p, 5), depth = int(p, 6), columns = int(p, 7);
  const rowBlocks = int(p, 8), columnBlocks = int(p, 9);
  const transposed = int(p, 10) != 0, hasBias = int(p, 11) != 0, relu = int(p, 12) != 0;
  const table = at(ptr(p, 3), threadId * int(p, 13));
  const line = at(table, DEPTH), edge = at(line, 16), panels = at(edge, 96);
  const held = at(panels, int(p, 14));
  const rank = int(p, 15);
  const rowPanels = (rows + 5) / 6, columnPanels = (columns + 15) / 16;
  const cRow = <usize> columns << 2, bRow = <usize> (transposed ? depth : columns) << 2;
  for (let k = 0; k < DEPTH; k++) store<u32>(at(table, k), k << 6);

  for (let item = start; item < end; item++) {
    const block = item % (rowBlocks * columnBlocks);
    const matrix = item / (rowBlocks * columnBlocks);
    let rest = matrix, matrixA = 0, matrixB = 0;
    for (let d = 0; d < rank; d++) {
      const size = int(p, 16 + 3 * d), index = rest % size;
      matrixA += index * int(p, 17 + 3 * d);
      matrixB += index * int(p, 18 + 3 * d);
      rest /= size;
    }
    const thisA = at(packed, matrixA * rowPanels * 6 * depth);
    const thisB = at(b, matrixB * depth * columns);
    const thisC = at(c, matrix * rows * columns);
    const rowBlock = block % rowBlocks, columnBlock = block / rowBlocks;
    const row0 = rowPanels * rowBlock / rowBlocks;
    const row1 = rowPanels * (rowBlock + 1) / rowBlocks;
    const column0 = columnPanels * columnBlock / columnBlocks;
    const column1 = columnPanels * (columnBlock + 1) / columnBlocks;
    let k0 = 0;
    do {
      const kc = min(DEPTH, depth - k0);
      let j = column0;
      if (!transposed) {
        for (; j + 4 <= column1 && j * 16 + 64 <= columns; j += 4) {
          const to = at(panels, (j - column0) * DEPTH * 16);
          packRows4(at(thisB, k0 * columns + j * 16), bRow, kc, to);
        }
      }
      for (; j < column1; j++) {
        const to = at(panels, (j - column0) * DEPTH * 16);
        const wide = min(16, columns - j * 16);
        if (transposed) packColumns(at(thisB, j * 16 * depth + k0), bRow, kc, wide, to);
        else packRows(at(thisB, k0 * columns + j * 16), bRow, kc, wide, to);
      }
      for (let j = column0; j < column1; j++) {
        const panel = at(panels, (j - column0) * DEPTH * 16);
        const wide = min(16, columns - j * 16);
        if (k0 == 0) {
          for (let i = 0; i < 16; i++) {
            store<f32>(at(line, i), hasBias && i < wide ? load<f32>(at(bias, j * 16 + i)) : 0);
          }
        }
        for (let i = row0; i < row1; i++) {
          const a = at(thisA, (i * depth + k0) * 6);
          const src = k0 == 0 ? line : at(held, ((j - column0) * (row1 - row0) + i - row0) * 96);
          const srcRow: usize = k0 == 0 ? 0 : 64;
          if (k0 + kc < depth) {
            const to = at(held, ((j - column0) * (row1 - row0) + i - row0) * 96);
            tile6x16(kc, table, panel, panel + 32, a, src, srcRow, to, to + 32, 64);
            continue;
          }
          const tile = at(thisC, i * 6 * columns + j * 16);
          const high = min(6, rows - i * 6);
          if (high == 6 && wide == 16) {
            tile6x16(kc, table, panel, panel + 32, a, src, srcRow, tile, tile + 32, cRow);
          } else {
            tile6x16(kc, table, panel, panel + 32, a, src, srcRow, edge, edge + 32, 64);
            copyBlock(edge, 64, tile, cRow, high, wide);
          }
        }
      }
      k0 += DEPTH;
    } while (k0 < depth);
    if (relu) {
      const from = at(thisC, row0 * 6 * columns + column0 * 16);
      const high = min(rows, row1 * 6) - row0 * 6, wide = min(columns, column1 * 16) - column0 * 16;
      reluBlock(from, cRow, high, wide);
    }
  }
}
