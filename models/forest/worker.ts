/** A Worker that does forest tasks: takes the table and its sorted columns first, then tasks. */
import type { SortedColumns, Table } from "./table.ts";
import { Labourer, type Result, type Task } from "./tasks.ts";

export type WorkerRequest =
  | { readonly table: Table; readonly columns: SortedColumns }
  | { readonly task: Task };

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<WorkerRequest>) => void) | null;
  postMessage(result: Result): void;
};

let labourer: Labourer | undefined;

scope.onmessage = ({ data }) => {
  if ("table" in data) labourer = new Labourer(data.table, data.columns);
  else scope.postMessage(labourer!.do(data.task));
};
