/**
 * What a peer's script printed beside files of ours, a bench's or of epochs, from the same machine: both times, and
 * how many times ours is as fast. `deno run --allow-read bench/peers/ratios.ts pytorch.jsonl bench.json epochs.json…`
 */
import { UserError } from "../../engine/error.ts";
import { readText } from "../../report/files.ts";
import { comparisonLines, keyOf, ownRows } from "./comparison.ts";
import type { PeerRow } from "./peer.ts";

async function main([theirs, ...ours]: readonly string[]): Promise<void> {
  if (theirs === undefined || ours.length === 0) {
    throw new UserError("usage: ratios.ts PEER.jsonl OURS.json…");
  }
  const lines = (await readText(theirs)).split("\n").filter((line) => line.startsWith("{"));
  const peers = new Map(lines.map((line): PeerRow => JSON.parse(line)).map((r) => [keyOf(r), r]));
  const rows: PeerRow[] = [];
  for (const path of ours) rows.push(...ownRows(await readText(path), path));
  const met = rows.flatMap((row) => {
    const peer = peers.get(keyOf(row));
    return peer ? [{ ...row, peers: [peer] }] : [];
  });
  const device = met[0]?.device ?? "no row in both";
  const table = comparisonLines({ device, peers: ["theirs"], rows: met });
  for (const line of table) console.log(line);
}

try {
  await main(Deno.args);
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(`ratios: ${error.message}`);
  Deno.exit(2);
}
