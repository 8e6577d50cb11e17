/** What is timed: work on a device, with how much of it there is. */
import type { Device } from "../engine/device.ts";

/** Something to time on a device. */
export interface BenchCase {
  readonly name: string;
  readonly size: string;
  readonly variant?: string;
  /** Floating-point operations of one run. */
  readonly flops?: number;
  /** Bytes one run must move at least: each input read once, each output written once. */
  readonly bytes?: number;
  /** The result is drawn anew each time, so that it has no error. */
  readonly random?: boolean;
  /** It takes a minute: left out where everything is asked for. */
  readonly long?: boolean;
  /** Timed by the wall clock on a GPU too, recording included. */
  readonly wholeStep?: boolean;
  /** Makes inputs; everything made is freed by `dispose`. */
  prepare(device: Device): Promise<PreparedCase> | PreparedCase;
}

export type PreparedCase = DeviceWork | HostWork;

export interface DeviceWork {
  /** One run, synchronous: results are freed by the surrounding scope. */
  run(): void;
  /** Error of one run against float64, where it can be had. */
  error?(): Promise<number>;
  dispose(): void;
}

/** What the host does without the device, in Workers of its own. */
export interface HostWork {
  work(): Promise<unknown>;
}
