/**
 * Workers on all cores that share out tasks on one table: whoever is free takes the next. Results
 * stand in the order of the tasks, so nothing depends on who was faster. A pool of one works in the
 * calling thread.
 */
import { UserError } from "../../engine/error.ts";
import { sortColumns, type SortedColumns, type Table } from "./table.ts";
import { type Results, type Task, TaskRunner } from "./tasks.ts";
import type { WorkerRequest } from "./worker.ts";

export interface PoolOptions {
  /** How many threads; all cores if absent. */
  readonly workers?: number;
}

export class WorkerPool implements Disposable {
  readonly #table: Table;
  readonly #columns: SortedColumns;
  readonly #most: number;
  readonly #workers: Worker[] = [];
  #alone: TaskRunner | undefined;

  constructor(table: Table, { workers = navigator.hardwareConcurrency }: PoolOptions = {}) {
    this.#table = table;
    this.#columns = sortColumns(table);
    if (!Number.isSafeInteger(workers) || workers < 1) {
      throw new UserError(`workers: expected a whole number of at least 1, got ${workers}`);
    }
    this.#most = workers;
  }

  /** How many threads there are to share work among. */
  get size(): number {
    return this.#most;
  }

  /**
   * Does tasks of one kind.
   * @param onDone called after each task, in the order of completion
   */
  async run<K extends Task["kind"]>(
    tasks: readonly Extract<Task, { kind: K }>[],
    onDone: (task: Extract<Task, { kind: K }>) => void = () => {},
  ): Promise<Results[K][]> {
    const results = new Array<Results[K]>(tasks.length);
    const wanted = Math.min(this.#most, tasks.length);
    let next = 0;
    const takeTurns = async (work: (task: Task) => unknown) => {
      while (next < tasks.length) {
        const i = next++;
        results[i] = await work(tasks[i]) as Results[K];
        onDone(tasks[i]);
      }
    };
    if (wanted <= 1) {
      const alone = this.#alone ??= new TaskRunner(this.#table, this.#columns);
      await takeTurns((task) => alone.do(task));
    } else {
      while (this.#workers.length < wanted) this.#workers.push(this.#hire());
      const busy = this.#workers.slice(0, wanted);
      await Promise.all(busy.map((worker) => takeTurns((task) => ask(worker, task))));
    }
    return results;
  }

  #hire(): Worker {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    const { x, y, classes, names } = this.#table;
    const table: Table = { x, y, classes, names }; // whatever else the caller keeps in it stays here
    worker.postMessage({ table, columns: this.#columns } satisfies WorkerRequest);
    return worker;
  }

  [Symbol.dispose](): void {
    for (const worker of this.#workers) worker.terminate();
    this.#workers.length = 0;
    this.#alone = undefined;
  }
}

function ask(worker: Worker, task: Task): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(`forest: a Worker failed: ${event.message}`));
  };
  worker.postMessage({ task } satisfies WorkerRequest);
  return promise;
}
