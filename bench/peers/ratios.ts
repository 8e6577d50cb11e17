/**
 * A bench's file beside what a peer's script printed on the same machine: both times, and how many times ours is
 * as fast. `deno run --allow-read bench/peers/ratios.ts bench.json pytorch.jsonl`
 */
import { parseResults } from "../results.ts";
import { comparisonLines, keyOf } from "./comparison.ts";
import type { PeerRow } from "./peer.ts";

const [ours, theirs] = Deno.args;
if (!ours || !theirs) {
  console.error("usage: ratios.ts BENCH.json PEER.jsonl");
  Deno.exit(2);
}
const { rows } = parseResults(await Deno.readTextFile(ours), ours);
const lines = (await Deno.readTextFile(theirs)).split("\n").filter((line) => line.startsWith("{"));
const peers = new Map(lines.map((line): PeerRow => JSON.parse(line)).map((r) => [keyOf(r), r]));
const met = rows.flatMap((row) => {
  const peer = peers.get(keyOf(row));
  return peer ? [{ ...row, peers: [peer] }] : [];
});
const device = met[0]?.device ?? "no row in both";
const table = comparisonLines({ device, peers: ["theirs"], rows: met });
for (const line of table) console.log(line);
