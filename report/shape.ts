/**
 * Checks that a value out of a JSON file has the shape a type promises.
 * Each check gives the value back, typed, or throws a `UserError` naming the first field that is wrong.
 * Fields that no check knows are let be, so that newer files can be read.
 */
import { UserError } from "../engine/error.ts";

/** Gives `value` back as a `T`, or throws; `at` says where it stands, such as `run.json: test.n`. */
export type Check<T> = (value: unknown, at: string) => T;

function expected(what: string, value: unknown, at: string): never {
  const text = JSON.stringify(value) ?? "nothing";
  const shown = text.length > 40 ? `${text.slice(0, 37)}…` : text;
  throw new UserError(`${at} should be ${what}, but is ${shown}`);
}

export const text: Check<string> = (value, at) =>
  typeof value === "string" ? value : expected("a text", value, at);

/** Any JSON number is finite. */
export const number: Check<number> = (value, at) =>
  typeof value === "number" ? value : expected("a number", value, at);

/** A fraction of 1, as accuracies and areas are. */
export const fraction: Check<number> = (value, at) =>
  typeof value === "number" && value >= 0 && value <= 1
    ? value
    : expected("a number in 0 to 1", value, at);

export const whole: Check<number> = (value, at) =>
  Number.isSafeInteger(value) && (value as number) >= 0
    ? value as number
    : expected("a whole number", value, at);

export const flag: Check<boolean> = (value, at) =>
  typeof value === "boolean" ? value : expected("true or false", value, at);

export function nullable<T>(check: Check<T>): Check<T | null> {
  return (value, at) => value === null ? null : check(value, at);
}

/** A field that may be absent. */
export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value, at) => value === undefined ? undefined : check(value, at);
}

export function oneOf<const T extends string | number>(...allowed: T[]): Check<T> {
  return (value, at) =>
    allowed.includes(value as T) ? value as T : expected(allowed.join(" or "), value, at);
}

export function either<A, B>(first: Check<A>, second: Check<B>): Check<A | B> {
  return (value, at) => {
    try {
      return first(value, at);
    } catch {
      return second(value, at);
    }
  };
}

export function listOf<T>(check: Check<T>): Check<T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) expected("a list", value, at);
    value.forEach((item, i) => check(item, `${at}[${i}]`));
    return value;
  };
}

export function pairOf<T>(check: Check<T>): Check<[T, T]> {
  return (value, at) => {
    const list = listOf(check)(value, at);
    return list.length === 2 ? list as [T, T] : expected("a pair", value, at);
  };
}

function asObject(value: unknown, at: string): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Record<string, unknown>
    : expected("an object", value, at);
}

export function mapOf<T>(check: Check<T>): Check<Record<string, T>> {
  return (value, at) => {
    for (const [key, item] of Object.entries(asObject(value, at))) check(item, `${at}.${key}`);
    return value as Record<string, T>;
  };
}

export function fields<T>(
  checks: { readonly [K in keyof T]-?: Check<T[K]> },
): Check<T> {
  return (value, at) => {
    const object = asObject(value, at);
    for (const key in checks) {
      checks[key](Object.hasOwn(object, key) ? object[key] : undefined, `${at}.${key}`);
    }
    return value as T;
  };
}
