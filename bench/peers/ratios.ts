/**
 * A bench's file beside what a peer's script printed on the same machine: both times, and how many times ours is
 * as fast. `deno run --allow-read bench/peers/ratios.ts bench.json pytorch.jsonl`
 */
import { parseResults } from "../results.ts";
import { timeText } from "../table.ts";
import type { PeerRow } from "./peer.ts";

const [ours, theirs] = Deno.args;
if (!ours || !theirs) {
  console.error("usage: ratios.ts BENCH.json PEER.jsonl");
  Deno.exit(2);
}
const keyOf = ({ name, size, variant }: PeerRow) => [name, size, variant].join(" ");
const { rows } = parseResults(await Deno.readTextFile(ours), ours);
const lines = (await Deno.readTextFile(theirs)).split("\n").filter((line) => line.startsWith("{"));
const peers = new Map(lines.map((line): PeerRow => JSON.parse(line)).map((r) => [keyOf(r), r]));
for (const row of rows) {
  const peer = peers.get(keyOf(row));
  if (!peer) continue;
  const ratio = (peer.seconds / row.seconds).toFixed(2);
  console.log(
    `${keyOf(row).replace(/ default$/, "").padEnd(48)}${timeText(row.seconds).padStart(10)}` +
      `${timeText(peer.seconds).padStart(10)}${ratio.padStart(8)}x`,
  );
}
