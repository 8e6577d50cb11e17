/**
 * Workers on all cores that share out tasks on one table: whoever is free takes the next. Results
 * stand in the order of the tasks, so nothing depends on who was faster. A crew of one works in the
 * calling thread.
 */
import { sortColumns, type SortedColumns, type Table } from "./table.ts";
import { Labourer, type Results, type Task } from "./tasks.ts";
import type { WorkerRequest } from "./worker.ts";

export interface CrewOptions {
  /** How many threads; all cores if absent. */
  readonly workers?: number;
}

export class Crew implements Disposable {
  readonly #table: Table;
  readonly #columns: SortedColumns;
  readonly #most: number;
  readonly #workers: Worker[] = [];
  #alone: Labourer | undefined;

  constructor(table: Table, { workers = navigator.hardwareConcurrency }: CrewOptions = {}) {
    this.#table = table;
    this.#columns = sortColumns(table);
    this.#most = Math.max(1, workers);
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
      const alone = this.#alone ??= new Labourer(this.#table, this.#columns);
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
    worker.postMessage(
      { table: this.#table, columns: this.#columns } satisfies WorkerRequest,
    );
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
