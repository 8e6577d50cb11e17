/** Families of op cases, found by their file names: `conv_cases.ts` and its like export `cases`. */
import type { OpCase } from "./harness.ts";

const SUFFIX = "_cases.ts";

export async function loadFamilies(): Promise<[string, readonly OpCase[]][]> {
  const families: [string, readonly OpCase[]][] = [];
  for (const { name } of Deno.readDirSync(new URL(".", import.meta.url))) {
    if (!name.endsWith(SUFFIX)) continue;
    const { cases }: { cases: readonly OpCase[] } = await import(`./${name}`);
    families.push([name.slice(0, -SUFFIX.length), cases]);
  }
  return families.sort();
}
