/**
 * Ours and PyTorch in turn on the same works in one run, with the ratio of their times: two rounds of
 * each group, the better of a row's two medians kept, since a shared machine only ever adds time.
 * PyTorch is installed once, from PyPI, into a virtual environment under `.cache/peers`.
 */
import { openDevice } from "../../engine/open.ts";
import { type BenchCase, type BenchRow, measure } from "../measure.ts";
import { cases as attention } from "../attention.ts";
import { cases as conv } from "../conv.ts";
import { cases as conv1d } from "../conv1d.ts";
import { cases as matmul } from "../matmul.ts";
import { cases as steps } from "../steps.ts";

const TORCH = "torch==2.13.0";
const ENVIRONMENT = ".cache/peers/pytorch";
const PYTHON = `${ENVIRONMENT}/bin/python`;
const ROUNDS = 2;

const GROUPS: Readonly<Record<string, readonly BenchCase[]>> = {
  matmul,
  conv2d: conv,
  conv1d,
  attention,
  steps,
};

/** Runs a program to its end; its standard output, or null where it is missing or fails. */
async function output(program: string, args: readonly string[]): Promise<string | null> {
  try {
    const command = new Deno.Command(program, { args: [...args], stderr: "inherit" });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout) : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** A Python with PyTorch: the one named on the command line, or our own. */
async function findPython(given: string | undefined): Promise<string | null> {
  if (given !== undefined) return given;
  if (await output(PYTHON, ["-c", "import torch"]) !== null) return PYTHON;
  console.log(`installing ${TORCH} into ${ENVIRONMENT}…`);
  if (await output("python3", ["-m", "venv", ENVIRONMENT]) === null) return null;
  const installed = await output(PYTHON, ["-m", "pip", "install", "-q", TORCH, "numpy"]);
  return installed === null ? null : PYTHON;
}

const keyOf = ({ name, size, variant }: BenchRow) => `${name} ${size} ${variant}`;

function keepBest(best: Map<string, BenchRow>, row: BenchRow): void {
  const before = best.get(keyOf(row));
  if (!before || row.seconds < before.seconds) best.set(keyOf(row), row);
}

const python = await findPython(Deno.args[0]);
if (python === null) {
  console.error("bench: PyTorch is not to be had here (needs python3 with venv, and PyPI)");
  Deno.exit(1);
}
using device = await openDevice("cpu");
const ours = new Map<string, BenchRow>();
const theirs = new Map<string, BenchRow>();
for (let round = 0; round < ROUNDS; round++) {
  for (const [group, cases] of Object.entries(GROUPS)) {
    for (const c of cases) keepBest(ours, await measure(c, device));
    const lines = await output(python, ["bench/peers/pytorch.py", "2", group]);
    if (lines === null) {
      console.error(`bench: bench/peers/pytorch.py ${group} failed`);
      Deno.exit(1);
    }
    for (const line of lines.trim().split("\n")) keepBest(theirs, JSON.parse(line));
  }
}
const ms = (seconds: number) => `${(seconds * 1000).toFixed(1)} ms`.padStart(10);
console.log(`${"".padEnd(46)}${"ours".padStart(10)}${"PyTorch".padStart(11)}  PyTorch / ours`);
for (const [key, row] of ours) {
  const peer = theirs.get(key);
  if (!peer) continue;
  const ratio = (peer.seconds / row.seconds).toFixed(2);
  console.log(`${key.padEnd(46)}${ms(row.seconds)} ${ms(peer.seconds)}  ${ratio.padStart(14)}`);
}
