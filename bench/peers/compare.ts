/**
 * Ours and other programs in turn on the same works in one run, with the ratio of their times: two rounds of
 * each group, the better of a row's two medians kept, since a shared machine only ever adds time.
 *
 *     deno task bench:peers [NAME…] [GROUP…]
 *
 * Names are pytorch, onnxruntime-node, tfjs, jax-js, groups those below; default: all.
 *
 *     deno task bench:peers pytorch=/opt/python    with a PyTorch that is there already
 */
import { UserError } from "../../engine/error.ts";
import { openDevice } from "../../engine/open.ts";
import { type BenchCase, measure } from "../measure.ts";
import { cases as conv } from "../conv.ts";
import { cases as conv1d } from "../conv1d.ts";
import { cases as matmul } from "../matmul.ts";
import { cases as steps } from "../steps.ts";
import { timeText } from "../table.ts";
import { attentionFamily, fftFamily } from "../transforms.ts";
import { type Peer, type PeerRow, PEERS } from "./peer.ts";

const ROUNDS = 2;
const BUDGET = 0.5;

const isWav2vec2 = ({ name }: BenchCase) => /wav2vec2-(base|large)$/.test(name);

const GROUPS: Readonly<Record<string, readonly BenchCase[]>> = {
  matmul,
  conv2d: conv,
  conv1d,
  attention: attentionFamily.cases("usual"),
  fft: fftFamily.cases("usual").filter(({ name }) => name === "rfft"),
  steps: steps.filter((c) => !isWav2vec2(c)),
  wav2vec2: steps.filter(isWav2vec2),
};

const keyOf = ({ name, size, variant }: PeerRow) =>
  [name, size, variant === "default" ? "" : variant].join(" ").trimEnd();

function keepBest(best: Map<string, PeerRow>, row: PeerRow): void {
  const before = best.get(keyOf(row));
  if (!before || row.seconds < before.seconds) best.set(keyOf(row), row);
}

/** The peers named, made ready; those that are not to be had are told in a line and left out. */
async function choosePeers(words: readonly string[]): Promise<Peer[]> {
  const named = words.filter((word) => !(word in GROUPS));
  const wanted = new Map(named.map((word): [string, string | undefined] => {
    const [name, program] = word.split("=");
    return [name, program];
  }));
  for (const name of wanted.keys()) {
    if (PEERS.some((p) => p.name === name)) continue;
    const names = PEERS.map((p) => p.name).join(", ");
    throw new UserError(
      `${name}: not known; peers are ${names}, groups ${Object.keys(GROUPS).join(", ")}`,
    );
  }
  const ready: Peer[] = [];
  for (const peer of PEERS) {
    if (wanted.size > 0 && !wanted.has(peer.name)) continue;
    try {
      await peer.install(wanted.get(peer.name));
      ready.push(peer);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      console.error(error.message);
    }
  }
  return ready;
}

async function main(): Promise<void> {
  const peers = await choosePeers(Deno.args);
  if (peers.length === 0) throw new UserError("no peer is to be had here");
  using device = await openDevice("cpu");
  const asked = Object.entries(GROUPS).filter(([group]) => Deno.args.includes(group));
  const groups = asked.length > 0 ? asked : Object.entries(GROUPS);
  const threads = navigator.hardwareConcurrency;
  const ours = new Map<string, PeerRow>();
  const theirs = new Map(peers.map((peer) => [peer, new Map<string, PeerRow>()]));
  const failed = new Set<Peer>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [group, cases] of groups) {
      const having = peers.filter((peer) => peer.groups.includes(group) && !failed.has(peer));
      if (having.length === 0) continue;
      for (const c of cases) keepBest(ours, await measure(c, device, { budget: BUDGET }));
      for (const peer of having) {
        try {
          for (const row of await peer.run(group, threads)) keepBest(theirs.get(peer)!, row);
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          console.error(error.message);
          failed.add(peer);
        }
      }
    }
  }
  const names = peers.map(({ name }) => name.padStart(24)).join("");
  console.log(
    `times, and how many times ours is as fast\n${"".padEnd(48)}${"ours".padStart(10)}${names}`,
  );
  for (const [key, { seconds }] of ours) {
    const found = peers.map((peer) => theirs.get(peer)!.get(key));
    if (found.every((row) => row === undefined)) continue;
    const cells = found.map((row) =>
      (row ? `${timeText(row.seconds)} ${(row.seconds / seconds).toFixed(2)}x` : "").padStart(24)
    );
    console.log(`${key.padEnd(48)}${timeText(seconds).padStart(10)}${cells.join("")}`);
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(`bench: ${error.message}`);
  Deno.exit(2);
}
