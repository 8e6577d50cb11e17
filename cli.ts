/**
 * The program: arguments in, one command called, errors told. It has no logic of its own.
 * A person's mistake is one line on stderr and exit code 2, anything else one line and exit code 1;
 * a reader who goes away (`| head`) ends the program without a word.
 */
import { UserError } from "./engine/error.ts";
import { type Invocation, parseArguments } from "./commands/args.ts";

const args = Deno.args;
const debug = args.includes("--debug");

/** Commands are loaded when called, so that help and mistakes are answered at once. */
async function run(invocation: Invocation): Promise<unknown> {
  switch (invocation.command) {
    case "help":
      return console.log(invocation.text.trimEnd());
    case "train":
      return await (await import("./commands/train.ts")).train(invocation.options);
    case "evaluate":
      return await (await import("./commands/evaluate.ts")).evaluate(invocation.options);
    case "predict":
      return await (await import("./commands/predict.ts")).predict(invocation.options);
    case "devices":
      return await (await import("./commands/devices.ts")).devices(invocation.options);
    case "bench":
      return await (await import("./commands/bench.ts")).bench(invocation.options);
  }
}

/** Says what went wrong and ends the program. */
function end(error: unknown): never {
  if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
  if (error instanceof UserError) {
    console.error(`timbre: ${oneLine(error.message)}`);
    Deno.exit(2);
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  console.error(
    debug && error instanceof Error
      ? error.stack
      : `timbre: unexpected ${oneLine(message)} (--debug shows where)`,
  );
  Deno.exit(1);
}

/** Words may come from a file's name or from a shell, line breaks and all. */
function oneLine(message: string): string {
  return message.replaceAll(/\s*[\r\n]+\s*/g, " ");
}

addEventListener("error", (event) => {
  event.preventDefault();
  end(event.error ?? event.message);
});
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  end(event.reason);
});

try {
  await run(parseArguments(args, { columns: columns() }));
} catch (error) {
  end(error);
}

function columns(): number {
  try {
    return Math.min(100, Deno.consoleSize().columns);
  } catch {
    return 80; // not a terminal
  }
}
