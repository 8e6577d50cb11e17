import assert from "node:assert/strict";
import { SequenceRows } from "../../../engine/train/sequence_rows.ts";
import { openDevices } from "../devices.ts";

Deno.test("sequences are padded with zeros to the longest of their batch", async () => {
  using devices = await openDevices();
  for (const device of devices.list) {
    const rows = new SequenceRows(
      device,
      [[1, 2], [3, 4, 5, 6, 7, 8], [9, 10, 11, 12]].map((row) => Float32Array.from(row)),
      2,
    );
    assert.deepEqual([...rows.lengths], [1, 3, 2]);
    const { values, lengths, hostLengths } = rows.at(Int32Array.of(2, 0));
    assert.deepEqual(values.shape, [2, 2, 2]);
    assert.deepEqual([...await values.data()], [9, 10, 11, 12, 1, 2, 0, 0]);
    assert.deepEqual([...await lengths.data()], [2, 1]);
    assert.deepEqual([...hostLengths], [2, 1]);
    assert.throws(() => new SequenceRows(device, [new Float32Array()], 2), /row 0 is empty/);
  }
});

Deno.test("rows that lie elsewhere are read when a batch takes them, and no others", async () => {
  using devices = await openDevices();
  const [device] = devices.list;
  const values = [Float32Array.of(1, 2), Float32Array.of(3, 4, 5, 6), Float32Array.of(7, 8)];
  const asked: number[] = [];
  const rows = new SequenceRows(device, {
    sizes: values.map((row) => row.length),
    read(row) {
      asked.push(row);
      return values[row];
    },
  }, 2);
  assert.deepEqual([...rows.lengths], [1, 2, 1]);
  assert.deepEqual(asked, []);
  const { values: batch } = rows.at(Int32Array.of(2, 1));
  assert.deepEqual([...await batch.data()], [7, 8, 0, 0, 3, 4, 5, 6]);
  assert.deepEqual(asked, [2, 1]);
});
