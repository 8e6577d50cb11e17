/**
 * What the values of options, and of the environment, must look like. Each parser gives the value
 * typed, or throws a `UserError` that names the option and says what is allowed.
 */
import { UserError } from "../../engine/error.ts";
import type { DeviceChoice } from "./options.ts";
import { nearest } from "./suggest.ts";

/** Of seeds, as NumPy takes them. */
export const LARGEST_SEED = 2 ** 32 - 1;

/** One of a few words; `name` is the option, or what the word stands for. */
export function word<T extends string>(name: string, allowed: readonly T[]): (text: string) => T {
  return (text) => {
    const found = allowed.find((one) => one === text);
    if (found !== undefined) return found;
    throw new UserError(
      `${name} ${text}: not known; allowed are ${allowed.join(", ")}${nearest(text, allowed)}`,
    );
  };
}

/** A whole number in a range, decimal digits only. */
export function wholeNumber(
  name: string,
  range: { from: number; to?: number },
): (text: string) => number {
  const { from, to = Number.MAX_SAFE_INTEGER } = range;
  const wanted = range.to === undefined
    ? `a whole number, ${from} or more`
    : `a whole number, ${from} to ${to}`;
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= from && value <= to) return value;
    throw new UserError(`${name} ${text}: expected ${wanted}`);
  };
}

/** A number from 0 to 1, written with or without a point. */
export function share(name: string): (text: string) => number {
  return (text) => {
    const value = /^(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : NaN;
    if (value >= 0 && value <= 1) return value;
    throw new UserError(`${name} ${text}: expected a number from 0 to 1, such as 0.5`);
  };
}

/** Several values with commas between them, each once. */
export function several<T>(name: string, one: (text: string) => T): (text: string) => T[] {
  return (text) => {
    const values = text.split(",").map(one);
    if (new Set(values).size === values.length) return values;
    throw new UserError(`${name} ${text}: a value stands twice`);
  };
}

/** Whole numbers with an x between them, `1024x1024x1024`. */
export function sizeWords(text: string): number[] {
  const sizes = text.split("x").map((n) => /^[1-9]\d*$/.test(n) ? Number(n) : NaN);
  if (sizes.every((n) => Number.isSafeInteger(n))) return sizes;
  throw new UserError(`--size ${text}: expected whole numbers with x between, such as 512x512x512`);
}

/** The name of a repository on the Hugging Face Hub. */
export function repository(text: string): string {
  const parts = text.split("/");
  const sound = parts.every((part) => /^\w[\w.-]*$/.test(part) && !part.includes(".."));
  if (sound && parts.length <= 2) return text;
  throw new UserError(`NAME ${text}: expected the name of a model, such as facebook/wav2vec2-base`);
}

/** A server's address from the environment, without a slash at its end; `fallback` where none is set. */
export function address(name: string, fallback: string): (text?: string) => string {
  return (text = "") => {
    const trimmed = text.trim() === "" ? fallback : text.trim();
    const url = URL.canParse(trimmed) ? new URL(trimmed) : undefined;
    if (url?.protocol === "https:" || url?.protocol === "http:") return trimmed.replace(/\/+$/, "");
    throw new UserError(`${name} is ${trimmed}; expected an address such as ${fallback}`);
  };
}

/** A path: any text but none at all. */
export function path(name: string): (text: string) => string {
  return (text) => {
    if (text !== "") return text;
    throw new UserError(`${name}: expected a path, got nothing`);
  };
}

export function device(text: string): DeviceChoice {
  if (text === "auto" || text === "gpu" || text === "cpu") return text;
  if (text.startsWith("gpu:") && text.length > 4) return text as DeviceChoice;
  throw new UserError(
    `--device ${text}: not known; allowed are auto, gpu, cpu, or gpu:NAME for the adapter whose ` +
      `name holds NAME${nearest(text, ["auto", "gpu", "cpu"])}`,
  );
}
