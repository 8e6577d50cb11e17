/** The rows that a run of the bench is asked for. */
import { UserError } from "../engine/error.ts";
import { FAMILIES } from "./kernels.ts";
import type { BenchCase } from "./case.ts";
import type { Family } from "./op_case.ts";
import { checkSize, checkWork, type Extent } from "./sizes.ts";

export interface Wanted {
  /** Families by name; none: all. */
  readonly kernels: readonly string[];
  /** One size in place of the usual ones, with one kernel. */
  readonly size?: readonly number[];
  /** Powers of two as well. */
  readonly sweep: boolean;
  /** Only rows with this in their name, size or variant. */
  readonly filter?: string;
}

const familiesOf = ({ kernels }: Wanted) =>
  FAMILIES.filter(({ name }) => kernels.length === 0 || kernels.includes(name));

/** Throws `UserError` for what no device could do, before one is opened. */
export function checkWanted(wanted: Wanted): void {
  const { size, sweep, kernels } = wanted;
  const families = familiesOf(wanted);
  if (sweep && families.every(({ sweep }) => sweep === undefined)) {
    throw new UserError(`--sweep: ${kernels.join(" and ")} has no powers of two`);
  }
  if (size === undefined) return;
  const [{ name, dims, check }] = families;
  if (dims === undefined) throw new UserError(`--size: ${name} has no size of its own`);
  checkSize({ name, dims, check }, size);
}

/** The rows for a device, in order; none where the filter leaves none. Throws where one is too much for it. */
export function chooseCases(wanted: Wanted, extent: Extent): readonly BenchCase[] {
  const { filter = "" } = wanted;
  const chosen = allCases(wanted, extent).filter(({ name, size, variant = "" }) =>
    `${name} ${size} ${variant}`.includes(filter)
  );
  const { size } = wanted;
  if (size !== undefined) { for (const c of chosen) checkWork(c, { size, extent }); }
  return chosen;
}

function allCases(wanted: Wanted, extent: Extent): readonly BenchCase[] {
  const { size, sweep } = wanted;
  const families = familiesOf(wanted);
  if (size !== undefined) return families[0].at?.(size, extent) ?? [];
  const swept = ({ sweep = [], at }: Family) => sweep.flatMap((dims) => at?.(dims, extent) ?? []);
  return families.flatMap((family) => [
    ...family.cases(extent).filter(({ long = false }) => !long || !asksForAll(wanted)),
    ...(sweep ? swept(family) : []),
  ]);
}

const asksForAll = ({ kernels, filter }: Wanted) => kernels.length === 0 && filter === undefined;

/** What takes too long for a run of everything: a line for each, or none. */
export function leftOut(wanted: Wanted, extent: Extent): readonly string[] {
  if (!asksForAll(wanted)) return [];
  return FAMILIES.flatMap((family) =>
    family.cases(extent).filter(({ long }) => long).map(({ name }) =>
      `${name} takes a minute and was left out: deno task bench ${family.name}`
    )
  );
}

/** What is told where no device had a row. */
export function nothingChosen(wanted: Wanted, extent: Extent): UserError {
  const { filter = "", kernels } = wanted;
  const names = [...new Set(allCases(wanted, extent).map(({ name }) => name))].join(", ");
  if (names === "") return new UserError(`${kernels.join(" and ")}: runs on the CPU alone`);
  return new UserError(`--filter ${filter}: no row has this; there are ${names}`);
}
