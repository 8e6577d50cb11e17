/** `example`: the programs of examples/. */
import { UserError } from "../engine/error.ts";
import type { ExampleOptions } from "./words/options.ts";
import { nearest } from "./words/suggest.ts";

/** Each trains something and says how well it does. */
const EXAMPLES = {
  xor: {
    title: "the smallest problem that one layer cannot solve",
    load: () => import("../examples/xor.ts"),
  },
  spiral: {
    title: "three entangled spirals, a batch at a time",
    load: () => import("../examples/spiral.ts"),
  },
} as const;

type Name = keyof typeof EXAMPLES;

export async function example({ example: name }: ExampleOptions): Promise<void> {
  const names = Object.keys(EXAMPLES) as Name[];
  if (name === undefined) {
    const lines = names.map((n) => `  ${n.padEnd(8)}${EXAMPLES[n].title}`);
    return console.log(`Examples:\n${lines.join("\n")}\n\ndeno task example EXAMPLE runs one.`);
  }
  const known = names.find((n) => n === name);
  if (!known) {
    throw new UserError(
      `example ${name}: no such example; there are ${names.join(", ")}${nearest(name, names)}`,
    );
  }
  const { run } = await EXAMPLES[known].load();
  await run(console.log);
}
