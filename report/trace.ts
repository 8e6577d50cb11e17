/**
 * What ran in a training step, as people and tools read it: totals by kernel and by op, a CSV line a
 * launch, and the event format that chrome://tracing and ui.perfetto.dev open.
 */

/** One launch of a traced step. Times are in seconds from the step's begin. */
export interface TracedLaunch {
  /** Kernel or shader. */
  readonly kernel: string;
  /** The op that launched it; the kernel itself where none did (random numbers, fills). */
  readonly op: string;
  readonly phase: string;
  /** Shapes of what the op read and made: `64×1×128×128 16×1×3×3 → 64×16×128×128`. */
  readonly shapes: string;
  /** When it began to run, and for how long; null where the device cannot tell. */
  readonly began: number | null;
  readonly seconds: number | null;
  /** Bytes of all live tensors and scratch when it was launched, and of those it was given. */
  readonly liveBytes: number;
  readonly boundBytes: number;
}

/** A stretch of the host's time: a phase, or an op being planned and launched. */
export interface HostSpan {
  readonly name: string;
  readonly began: number;
  readonly seconds: number;
}

export interface StepTrace {
  /** `CNN-4, batch 64`. */
  readonly title: string;
  readonly device: string;
  /** Wall clock of the whole step, the queue drained. */
  readonly seconds: number;
  readonly peakBytes: number;
  /** Where the launches' times come from, in words. */
  readonly clock: string;
  readonly phases: readonly HostSpan[];
  readonly ops: readonly HostSpan[];
  readonly launches: readonly TracedLaunch[];
}

interface Total {
  readonly name: string;
  readonly launches: number;
  readonly seconds: number;
}

const SLOWEST = 10;

/** The step as a text of three tables: by op, by kernel, and the slowest launches. */
export function formatTrace(trace: StepTrace): string {
  const { launches } = trace;
  const timed = launches.every(({ seconds }) => seconds !== null);
  const all = launches.reduce((s, l) => s + (l.seconds ?? 0), 0);
  const wide = Math.max(...trace.phases.map(({ name }) => name.length));
  const head = [
    `${trace.title}: one training step on ${trace.device}`,
    `${milliseconds(trace.seconds)} in ${launches.length} launches, ` +
    `${megabytes(trace.peakBytes)} of tensors and scratch at most; times: ${trace.clock}`,
    ...timed ? [busyShare(launches, all)] : [],
    ...trace.phases.map((p) => `  ${p.name.padEnd(wide)} ${milliseconds(p.seconds).padStart(12)}`),
  ];
  const total = (what: string, key: (l: TracedLaunch) => string) => [
    "",
    row([`by ${what}`, "launches", "time", "share"]),
    ...totals(launches, key).map((t) =>
      row([
        t.name,
        `${t.launches}`,
        timed ? milliseconds(t.seconds) : "",
        timed ? `${(100 * t.seconds / all).toFixed(1)} %` : "",
      ])
    ),
  ];
  const slowest = [...launches].sort((a, b) => b.seconds! - a.seconds!).slice(0, SLOWEST);
  const list = timed
    ? [
      "",
      "slowest launches",
      ...slowest.map((l) =>
        `${milliseconds(l.seconds!).padStart(12)}  ${l.kernel} of ${l.op}, ${l.shapes}`
      ),
    ]
    : [];
  return [...head, ...total("op", (l) => l.op), ...total("kernel", (l) => l.kernel), ...list]
    .join("\n");
}

/** How much of the time from the first launch to the end of the last the launches fill. */
function busyShare(launches: readonly TracedLaunch[], busy: number): string {
  const first = launches.reduce((t, l) => Math.min(t, l.began!), Infinity);
  const last = launches.reduce((t, l) => Math.max(t, l.began! + l.seconds!), 0);
  const share = (100 * busy / (last - first)).toFixed(1);
  return `launches fill ${share} % of the ${milliseconds(last - first)} they span`;
}

/** Sums by name, longest first; by number of launches where nothing was timed. */
function totals(launches: readonly TracedLaunch[], key: (l: TracedLaunch) => string): Total[] {
  const groups = Object.entries(Object.groupBy(launches, key));
  return groups.map(([name, group = []]) => ({
    name,
    launches: group.length,
    seconds: group.reduce((s, l) => s + (l.seconds ?? 0), 0),
  })).sort((a, b) => b.seconds - a.seconds || b.launches - a.launches);
}

/** One line a launch, in order. */
export function traceCsv({ launches }: StepTrace): string {
  const head = "phase,op,kernel,shapes,began_ms,time_ms,live_bytes,bound_bytes";
  const ms = (s: number | null) => s === null ? "" : (s * 1000).toFixed(4);
  const lines = launches.map((l) =>
    [l.phase, l.op, l.kernel, l.shapes, ms(l.began), ms(l.seconds), l.liveBytes, l.boundBytes]
      .join()
  );
  return [head, ...lines].join("\n") + "\n";
}

/** Tracks of the event file. */
const HOST = { pid: 1, tid: 1 };
const DEVICE = { pid: 1, tid: 2 };

/**
 * The step as JSON of the Trace Event Format: phases and ops on the host's track, launches on the
 * device's, live bytes as a counter. Where the device tells no times its track stays empty.
 */
export function traceEvents(trace: StepTrace): string {
  const micro = (s: number) => Math.round(s * 1e9) / 1000;
  const span = (s: HostSpan, cat: string) => ({
    ...{ name: s.name, cat, ph: "X", ts: micro(s.began), dur: micro(s.seconds) },
    ...HOST,
  });
  const events: object[] = [
    { name: "process_name", ph: "M", ...HOST, args: { name: trace.title } },
    { name: "thread_name", ph: "M", ...HOST, args: { name: "host" } },
    { name: "thread_name", ph: "M", ...DEVICE, args: { name: trace.device } },
    ...trace.phases.map((p) => span(p, "phase")),
    ...trace.ops.map((o) => span(o, "op")),
  ];
  for (
    const { kernel, op, phase, shapes, began, seconds, liveBytes, boundBytes } of trace.launches
  ) {
    if (began === null || seconds === null) continue;
    const at = { ts: micro(began), ...DEVICE };
    const args = { op, phase, shapes, boundBytes };
    events.push({ name: kernel, cat: "launch", ph: "X", dur: micro(seconds), ...at, args });
    events.push({ name: "live bytes", ph: "C", ...at, args: { bytes: liveBytes } });
  }
  return JSON.stringify({ displayTimeUnit: "ms", traceEvents: events });
}

function row([name, ...rest]: readonly string[]): string {
  return name.padEnd(28) + rest.map((w) => w.padStart(12)).join("");
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1000).toFixed(3)} ms`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
