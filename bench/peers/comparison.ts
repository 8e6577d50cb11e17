/** What a run beside other programs found, and its lines: times, and how many times ours is as fast. */
import type { EpochResults } from "../epoch.ts";
import { median } from "../measure.ts";
import { parseResults } from "../results.ts";
import { labelOf, timeText } from "../table.ts";
import type { PeerRow, Work } from "./peer.ts";

/** Rows of one device of ours. */
export interface Comparison {
  readonly device: string;
  /** Names, in the order of each row's. */
  readonly peers: readonly string[];
  readonly rows: readonly (PeerRow & { readonly peers: readonly (PeerRow | null)[] })[];
}

/** What a row is known by, in any program. */
export function keyOf(work: Work): string {
  return labelOf(work);
}

/** Rows of a file of ours, `text` read from `path`: a bench's, or an epoch's, which is one row. */
export function ownRows(text: string, path: string): readonly PeerRow[] {
  const found = text.includes('"timbre epochs 1"') ? JSON.parse(text) as EpochResults : null;
  return found ? [epochRow(found)] : parseResults(text, path).rows;
}

/** The median of the epochs after the first, which compiles. */
function epochRow({ system, clips, batch, precision, device, seconds }: EpochResults): PeerRow {
  return {
    name: `epoch ${system}`,
    size: `${clips} clips, batch ${batch}`,
    variant: precision === "f32" ? "default" : precision,
    device,
    seconds: median(seconds.length > 1 ? seconds.slice(1) : seconds),
  };
}

const WORK = 40;
const OURS = 10;
const PEER = 18;

/** A table, then a line for each peer: on how many works ours is ahead, and where it is least. */
export function comparisonLines({ device, peers, rows }: Comparison): string[] {
  const names = peers.map((name) => name.padStart(PEER)).join("");
  const lines = [
    `${device}: times, and how many times ours is as fast`,
    `${"".padEnd(WORK)}${"ours".padStart(OURS)}${names}`,
  ];
  for (const row of rows) {
    const cells = row.peers.map((peer) =>
      (peer ? `${timeText(peer.seconds)} ${ratio(peer, row).toFixed(2)}x` : "").padStart(PEER)
    );
    const own = timeText(row.seconds).padStart(OURS);
    lines.push(`${keyOf(row).padEnd(WORK)}${own}${cells.join("")}`.trimEnd());
  }
  peers.forEach((name, i) => {
    const met = rows.flatMap((row) => {
      const peer = row.peers[i];
      return peer ? [{ what: keyOf(row), times: ratio(peer, row) }] : [];
    });
    if (met.length === 0) return;
    const least = met.reduce((a, b) => a.times <= b.times ? a : b);
    const ahead = met.filter(({ times }) => times >= 1).length;
    lines.push(
      `${name}: ours ahead on ${ahead} of ${met.length}; least ${
        least.times.toFixed(2)
      }x, ${least.what}`,
    );
  });
  return lines;
}

const ratio = (peer: PeerRow, ours: PeerRow) => peer.seconds / ours.seconds;
