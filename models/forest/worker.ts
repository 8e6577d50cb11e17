/** A Worker that does forest tasks: takes the table and its sorted columns first, then tasks. */
import type { SortedColumns, Table } from "./table.ts";
import { type Result, type Task, TaskRunner } from "./tasks.ts";

export type WorkerRequest =
  | { readonly table: Table; readonly columns: SortedColumns }
  | { readonly task: Task };

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<WorkerRequest>) => void) | null;
  postMessage(result: Result): void;
};

let runner: TaskRunner | undefined;

scope.onmessage = ({ data }) => {
  if ("table" in data) runner = new TaskRunner(data.table, data.columns);
  else scope.postMessage(runner!.do(data.task));
};
