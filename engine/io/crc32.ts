/** CRC-32 as zip files have it (polynomial 0xEDB88320), eight bytes a turn. */

/** TABLES[k][b]: the CRC of byte b followed by k zero bytes. */
const TABLES: readonly Int32Array[] = makeTables();

/** The CRC of `bytes`; `before` is that of what came before them. An unsigned 32-bit number. */
export function crc32(bytes: Uint8Array, before = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES;
  let crc = ~before;
  let i = 0;
  for (; i + 8 <= bytes.length; i += 8) {
    crc ^= bytes[i] | bytes[i + 1] << 8 | bytes[i + 2] << 16 | bytes[i + 3] << 24;
    crc = t7[crc & 255] ^ t6[crc >>> 8 & 255] ^ t5[crc >>> 16 & 255] ^ t4[crc >>> 24] ^
      t3[bytes[i + 4]] ^ t2[bytes[i + 5]] ^ t1[bytes[i + 6]] ^ t0[bytes[i + 7]];
  }
  for (; i < bytes.length; i++) crc = crc >>> 8 ^ t0[(crc ^ bytes[i]) & 255];
  return ~crc >>> 0;
}

function makeTables(): Int32Array[] {
  const tables = Array.from({ length: 8 }, () => new Int32Array(256));
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >>> 1 ^ 0xedb88320 : crc >>> 1;
    tables[0][byte] = crc;
  }
  for (let k = 1; k < 8; k++) {
    tables[k].set(tables[k - 1].map((crc) => crc >>> 8 ^ tables[0][crc & 255]));
  }
  return tables;
}
