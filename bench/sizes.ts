/** Which sizes a person may ask for: those an op takes, of no more work than a device does in a while. */
import { UserError } from "../engine/error.ts";

/** How much work a run is given: enough to prove that it runs, what fits a processor, what fills a GPU. */
export type Extent = "tiny" | "usual" | "large";

/** Why a kernel does not take a size; null where it does. */
export type Check = (dims: readonly number[]) => string | null;

/** Throws `UserError` where `--size` is not of the form `dims`, or `check` has something against it. */
export function checkSize(
  { name, dims, check }: { readonly name: string; readonly dims: string; readonly check?: Check },
  size: readonly number[],
): void {
  const told = `--size ${size.join("x")}`;
  if (dims.split("x").length !== size.length) {
    throw new UserError(`${told}: ${name} needs ${dims}`);
  }
  const why = check?.(size) ?? null;
  if (why !== null) throw new UserError(`${told}: ${why}`);
}

/** What an op's own check of shapes says against them. */
export function saidBy(check: () => void): string | null {
  try {
    check();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Work of one run. */
export interface Work {
  readonly flops?: number;
  readonly bytes?: number;
}

/** The most that is timed: some ten seconds a run. Memory may end before; the backends tell that. */
const MOST: Readonly<Record<Extent, Required<Work>>> = {
  tiny: { flops: 2e10, bytes: 1e9 },
  usual: { flops: 2e12, bytes: 4e9 },
  large: { flops: 2e14, bytes: 64e9 },
};

const DEVICES: Readonly<Record<Extent, string>> = {
  tiny: "a software adapter",
  usual: "the CPU",
  large: "a GPU",
};

/** Throws `UserError` where one run is too much for a device; `slower`: kernels so many times as slow as ours. */
export function checkWork(
  { name, flops = 0, bytes = 0 }: Work & { readonly name: string },
  { size, extent, slower = 1 }: {
    readonly size: readonly number[];
    readonly extent: Extent;
    readonly slower?: number;
  },
): void {
  const refuse = (much: number, most: number, unit: string) => {
    if (much <= most) return;
    const [asked, allowed] = [much, most].map((n) => (n / 1e9).toLocaleString("en-GB"));
    throw new UserError(
      `--size ${size.join("x")}: one run of ${name} is ${asked} billion ${unit}, ` +
        `on ${DEVICES[extent]} at most ${allowed} are timed`,
    );
  };
  refuse(flops, MOST[extent].flops / slower, "operations");
  refuse(bytes, MOST[extent].bytes, "bytes");
}
