/** A thread of the CPU backend: its own instance of the kernels over the shared memory. */
import { CONTROL, CONTROL_BYTES, kernelTable, STOP, waitWhile, work } from "./team.ts";

export interface WorkerSetup {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: number;
  readonly thread: number;
}

interface WorkerScope {
  onmessage: ((event: MessageEvent<WorkerSetup>) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data: { module, memory, control: address, thread } }) => {
  const instance = new WebAssembly.Instance(module, { env: { memory, abort: fail } });
  (instance.exports.threadId as WebAssembly.Global).value = thread;
  const { kernels } = kernelTable(instance.exports);
  const control = new Int32Array(memory.buffer, address, CONTROL_BYTES / 4);
  let seen = Atomics.load(control, CONTROL.generation);
  scope.postMessage("ready");
  for (;;) {
    waitWhile(control, CONTROL.generation, seen);
    seen = Atomics.load(control, CONTROL.generation);
    if (control[CONTROL.kernel] === STOP) break;
    try {
      work(control, kernels);
    } catch {
      Atomics.store(control, CONTROL.failed, 1);
    }
    if (Atomics.sub(control, CONTROL.pending, 1) === 1) Atomics.notify(control, CONTROL.pending);
  }
  scope.close();
};

function fail(): never {
  throw new Error("a CPU kernel aborted");
}
