/**
 * Fork and join over one shared WebAssembly memory. The control block is a handful of words there:
 * the leader writes a job, bumps the generation and wakes the others; everyone, the leader too,
 * takes chunks of the range from an atomic counter until none is left. A fork costs about 10 µs.
 */

/** Word offsets in the control block. */
export const CONTROL = {
  generation: 0,
  next: 1,
  items: 2,
  grain: 3,
  kernel: 4,
  params: 5,
  pending: 6,
  failed: 7,
} as const;

export const CONTROL_BYTES = 64;

/** `control[kernel]` of the job that tells workers to stop. */
export const STOP = -1;

export type Kernel = (params: number, start: number, end: number) => void;

/** Turns of looking before a thread sleeps: some tens of microseconds. */
const SPINS = 20_000;

/** Works on the current job until its range is used up. */
export function work(control: Int32Array, kernels: readonly Kernel[]): void {
  const kernel = kernels[control[CONTROL.kernel]];
  const params = control[CONTROL.params];
  const items = control[CONTROL.items];
  const grain = control[CONTROL.grain];
  for (;;) {
    const start = Atomics.add(control, CONTROL.next, grain);
    if (start >= items) return;
    kernel(params, start, Math.min(start + grain, items));
  }
}

/** Waits until `control[word]` differs from `value`: looks for a while, then sleeps. */
export function waitWhile(control: Int32Array, word: number, value: number): void {
  for (let i = 0; i < SPINS; i++) if (Atomics.load(control, word) !== value) return;
  while (Atomics.load(control, word) === value) Atomics.wait(control, word, value);
}

/** Kernel functions of an instance, in an order every thread agrees on. */
export function kernelTable(exports: WebAssembly.Exports): { names: string[]; kernels: Kernel[] } {
  const names = Object.keys(exports).filter((n) => typeof exports[n] === "function").sort();
  return { names, kernels: names.map((n) => exports[n] as Kernel) };
}
