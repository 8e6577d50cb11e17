/**
 * Ours and other programs in turn on the same works in one run, with the ratio of their times: two rounds of
 * each group, the better of a row's two medians kept, since a shared machine only ever adds time. Peers on the
 * CPU meet our CPU backend; those on a GPU meet ours there, on a software adapter at tiny sizes.
 *
 *     deno task bench:peers [PEER…] [GROUP…] [--json FILE] [--python PYTHON]
 */
import { parseArgs } from "node:util";
import type { Device } from "../../engine/device.ts";
import { UserError } from "../../engine/error.ts";
import { listDevices, openDevice } from "../../engine/open.ts";
import { makeFolder, tryWriting, writeWhole } from "../../report/files.ts";
import { dirname } from "node:path";
import type { BenchCase } from "../case.ts";
import { measure } from "../measure.ts";
import { cases as conv, family as convFamily } from "../conv.ts";
import { cases as conv1d, family as conv1dFamily } from "../conv1d.ts";
import { cases as matmul, family as matmulFamily } from "../matmul.ts";
import { cases as steps, family as stepsFamily } from "../steps.ts";
import { attentionFamily, fftFamily } from "../transforms.ts";
import { type Peer, type PeerRow, PEERS, type Work } from "./peer.ts";
import { type Comparison, comparisonLines, keyOf } from "./comparison.ts";

const ROUNDS = 2;
const BUDGET = 0.5;

type Groups = Readonly<Record<string, readonly BenchCase[]>>;

const isLarge = ({ name }: BenchCase) => /wav2vec2-(base|large)$/.test(name);

const CPU_GROUPS: Groups = {
  matmul,
  conv2d: conv,
  conv1d,
  attention: attentionFamily.cases("usual"),
  fft: fftFamily.cases("usual"),
  steps: steps.filter((c) => !isLarge(c)),
  wav2vec2: steps.filter(isLarge),
};

function gpuGroups({ backend }: Device): Groups {
  const extent = backend.kind === "webgpu" && backend.caps.software ? "tiny" : "large";
  const all = stepsFamily.cases(extent);
  return {
    matmul: matmulFamily.cases(extent),
    conv2d: convFamily.cases(extent),
    conv1d: conv1dFamily.cases(extent),
    attention: attentionFamily.cases(extent),
    fft: fftFamily.cases(extent),
    steps: all.filter((c) => !isLarge(c)),
    wav2vec2: all.filter(isLarge),
  };
}

const HELP = `usage: deno task bench:peers [PEER…] [GROUP…] [--json FILE] [--python PYTHON]
peers: ${PEERS.map(({ name }) => name).join(", ")} (default: all)
groups: ${Object.keys(CPU_GROUPS).join(", ")} (default: all)
--python: a Python that has torch already; default: one with torch is installed into .cache`;

interface Wish {
  readonly peers: readonly Peer[];
  readonly groups: readonly string[];
  readonly json?: string;
  readonly python?: string;
}

function readWords(args: readonly string[]): Wish | null {
  const { words, values: { json, python, help } } = parse(args);
  if (help) return null;
  for (const word of words) {
    if (word in CPU_GROUPS || PEERS.some(({ name }) => name === word)) continue;
    throw new UserError(`${word}: not known; --help lists peers and groups`);
  }
  const peers = PEERS.filter(({ name }) => words.includes(name));
  const groups = Object.keys(CPU_GROUPS).filter((group) => words.includes(group));
  return {
    peers: peers.length > 0 ? peers : PEERS,
    groups: groups.length > 0 ? groups : Object.keys(CPU_GROUPS),
    json,
    python,
  };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  const options = { json: text, python: text, help: { type: "boolean" } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    return { words: positionals, values };
  } catch (error) {
    throw new UserError((error as Error).message.split("\n")[0]);
  }
}

/** Peers that could be made ready; the others are told in a line and left out. */
async function readyPeers({ peers, python }: Wish): Promise<Peer[]> {
  const ready: Peer[] = [];
  for (const peer of peers) {
    try {
      await peer.install(python);
      ready.push(peer);
    } catch (error) {
      tell(error);
    }
  }
  return ready;
}

function tell(error: unknown): void {
  if (!(error instanceof UserError)) throw error;
  console.error(error.message);
}

/** Ours and theirs on one kind of device, group after group, in `ROUNDS` rounds. */
async function compareOn(
  device: Device,
  all: readonly Peer[],
  wanted: Groups,
): Promise<Comparison> {
  const ours = new Map<string, PeerRow>();
  const theirs = new Map(all.map((peer) => [peer, new Map<string, PeerRow>()]));
  const failed = new Set<Peer>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [group, cases] of Object.entries(wanted)) {
      const works = cases.map(({ name, size, variant = "default" }): Work => ({
        name,
        size,
        variant,
      }));
      const answered = new Set<string>();
      for (const peer of all) {
        if (failed.has(peer) || !peer.groups.includes(group)) continue;
        try {
          for (const row of await peer.run(group, works, navigator.hardwareConcurrency)) {
            answered.add(keyOf(row));
            keepBest(theirs.get(peer)!, row);
          }
        } catch (error) {
          tell(error);
          failed.add(peer);
        }
      }
      for (const [i, work] of works.entries()) {
        if (!answered.has(keyOf(work))) continue;
        keepBest(ours, await measure(cases[i], device, { budget: BUDGET }));
      }
    }
  }
  return {
    device: device.name,
    peers: all.map(({ name }) => name),
    rows: [...ours].map(([key, row]) => ({
      ...row,
      peers: all.map((peer) => theirs.get(peer)!.get(key) ?? null),
    })),
  };
}

function keepBest(best: Map<string, PeerRow>, row: PeerRow): void {
  const before = best.get(keyOf(row));
  if (!before || row.seconds < before.seconds) best.set(keyOf(row), row);
}

/** The adapter that peers on a GPU are given: the first one, a software one too. */
async function openAnyGpu(): Promise<Device> {
  const { adapters } = await listDevices();
  if (adapters.length === 0) throw new UserError("peers on a GPU are left out: no adapter here");
  return await openDevice(`gpu:${adapters[0].name}`);
}

async function main(): Promise<void> {
  const wish = readWords(Deno.args);
  if (wish === null) return console.log(HELP);
  const { groups, json } = wish;
  if (json !== undefined) {
    await makeFolder(dirname(json));
    await tryWriting(json);
  }
  const ready = await readyPeers(wish);
  if (ready.length === 0) throw new UserError("no peer is to be had here");
  const comparisons: Comparison[] = [];
  for (const kind of ["cpu", "gpu"] as const) {
    const peers = ready.filter((peer) => peer.device === kind);
    if (peers.length === 0) continue;
    try {
      using device = kind === "cpu" ? await openDevice("cpu") : await openAnyGpu();
      const all = kind === "cpu" ? CPU_GROUPS : gpuGroups(device);
      const wanted = Object.entries(all).filter(([group]) => groups.includes(group));
      const found = await compareOn(device, peers, Object.fromEntries(wanted));
      if (found.rows.length === 0) continue;
      comparisons.push(found);
      for (const line of comparisonLines(found)) console.log(line);
    } catch (error) {
      tell(error);
    }
  }
  if (comparisons.length === 0) throw new UserError("no peer has a row of what was asked for");
  if (json === undefined) return;
  const runtime = `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`;
  const file = { format: "timbre peers 1", date: new Date().toISOString(), runtime, comparisons };
  await writeWhole(json, `${JSON.stringify(file, null, 1)}\n`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(`bench: ${error.message}`);
  Deno.exit(2);
}
