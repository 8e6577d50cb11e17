/**
 * Fields of a configuration in JSON: what each may be, told in one line where it is something else.
 * A missing field has transformers' default; an unknown one is nobody's business.
 */
import { fail, shown } from "../../engine/io/byte_source.ts";

/** A field's value, checked; throws `UserError`, beginning with `what`. */
export type FieldReader<T> = (value: unknown, what: FieldPlace) => T;

export interface FieldPlace {
  readonly file: string;
  readonly key: string;
}

export interface Field<T> {
  /** The name in JSON. */
  readonly key: string;
  readonly read: FieldReader<T>;
  readonly default: T;
}

/** A table of fields for each property of `T`. */
export type Fields<T> = { readonly [K in keyof T]: Field<T[K]> };

/** Every property of the table out of `json`. */
export function readFields<T extends object>(
  fields: Fields<T>,
  json: Readonly<Record<string, unknown>>,
  file: string,
): T {
  const entries = (Object.entries(fields) as [string, Field<unknown>][]).map(([name, field]) => {
    const given = Object.hasOwn(json, field.key);
    const value = given ? field.read(json[field.key], { file, key: field.key }) : field.default;
    return [name, value];
  });
  return Object.fromEntries(entries) as T;
}

/** The JSON object that `readFields` reads `values` from. */
export function writeFields<T extends object>(
  fields: Fields<T>,
  values: T,
): Record<string, unknown> {
  return Object.fromEntries(
    (Object.entries(fields) as [keyof T, Field<unknown>][])
      .map(([name, { key }]) => [key, values[name]]),
  );
}

export function whole(from: number, to: number): FieldReader<number> {
  return (value, place) => {
    if (Number.isInteger(value) && (value as number) >= from && (value as number) <= to) {
      return value as number;
    }
    return expected(`a whole number, ${from} to ${to}`, value, place);
  };
}

/** A number from `from` up to `to`, which it reaches only if `inclusive`. */
export function real(from: number, to: number, { inclusive = true } = {}): FieldReader<number> {
  return (value, place) => {
    if (typeof value === "number" && value >= from && (inclusive ? value <= to : value < to)) {
      return value;
    }
    return expected(`a number from ${from} to ${inclusive ? "" : "below "}${to}`, value, place);
  };
}

export const boolean: FieldReader<boolean> = (value, place) =>
  typeof value === "boolean" ? value : expected("true or false", value, place);

export function oneOf<T extends string>(...allowed: readonly T[]): FieldReader<T> {
  return (value, place) =>
    allowed.find((one) => one === value) ??
      expected(allowed.map(shown).join(" or "), value, place);
}

export function wholes(from: number, to: number, most: number): FieldReader<readonly number[]> {
  const one = whole(from, to);
  return (value, place) => {
    if (!Array.isArray(value) || value.length === 0 || value.length > most) {
      return expected(`a list of 1 to ${most} numbers`, value, place);
    }
    return value.map((item, i) => one(item, { ...place, key: `${place.key}[${i}]` }));
  };
}

export function expected(wanted: string, value: unknown, { file, key }: FieldPlace): never {
  fail(file, `${key} is ${shown(value)}; expected ${wanted}`);
}
