/**
 * The program: arguments in, one command called, errors told. It has no logic of its own.
 * What goes wrong is one line on stderr and an exit code (`commands/words/failure.ts`); a reader who goes
 * away (`| head`) ends the program without a word.
 */
import { type Invocation, parseArguments } from "./commands/words/args.ts";
import { failureOf } from "./commands/words/failure.ts";

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
    case "embed":
    case "timeline":
    case "subtitle":
    case "braille":
    case "listen":
      await (await import("./commands/confined.ts")).runConfined(invocation);
      return Deno.exit(0);
    case "features":
      return await (await import("./commands/features.ts")).features(invocation.options);
    case "reproduce":
      return await (await import("./commands/reproduce.ts")).reproduce(invocation.options);
    case "data":
      return await (await import("./commands/data.ts")).data(invocation.options);
    case "weights":
      return await (await import("./commands/weights.ts")).weights(invocation.options);
    case "devices":
      return await (await import("./commands/devices.ts")).devices(invocation.options);
    case "bench":
      return await (await import("./commands/bench.ts")).bench(invocation.options);
    case "trace":
      return await (await import("./commands/trace.ts")).trace(invocation.options);
    case "gradcheck":
      return await (await import("./commands/gradcheck.ts")).gradcheck(invocation.options);
    case "tour":
      return await (await import("./commands/tour.ts")).tour(invocation.options);
    case "example":
      return await (await import("./commands/example.ts")).example(invocation.options);
  }
}

/** Says what went wrong and ends the program. */
function end(error: unknown): never {
  if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
  const { line, code, unexpected } = failureOf(error);
  console.error(debug && unexpected && error instanceof Error ? error.stack : `timbre: ${line}`);
  Deno.exit(code);
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
