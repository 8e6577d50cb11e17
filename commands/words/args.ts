/**
 * The words of the command line: which commands and options there are, and what each accepts.
 * Nothing is done here: an argument list becomes typed options, a help text, or a `UserError` of one
 * line that says which words are allowed.
 */
import { type Command, CommanderError } from "commander";
import { UserError } from "../../engine/error.ts";
import { buildProgramme } from "./programme.ts";
import type { Invocation } from "./options.ts";
import { nearest } from "./suggest.ts";

export type * from "./options.ts";

/**
 * Reads the arguments after the program's name; `columns` is how wide a help text may be.
 * Throws `UserError` for any word or value that is not allowed.
 */
export function parseArguments(
  args: readonly string[],
  { columns = 80 }: { readonly columns?: number } = {},
): Invocation {
  let help = "";
  let invocation: Invocation | undefined;
  const programme = buildProgramme({
    columns,
    print: (text) => help += text,
    invoke: (invoked) => invocation = invoked,
  });
  if (args.length === 0) {
    throw new UserError(`no command was given; ${allowedCommands(programme)} (--help explains)`);
  }
  try {
    programme.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { command: "help", text: help };
    throw new UserError(explain(error, programme, args));
  }
  if (invocation === undefined) throw new Error("a command did not say what it was asked");
  return invocation;
}

/** One line for each way in which commander refuses a command line. */
function explain(error: CommanderError, programme: Command, args: readonly string[]): string {
  const command = programme.commands.find((known) => known.name() === args[0]);
  const word = /'([^']*)'/.exec(error.message)?.[1] ?? "";
  switch (error.code) {
    case "commander.unknownCommand": {
      const names = commandNames(programme);
      return `unknown command ${word}; ${allowedCommands(programme)}${nearest(word, names)}`;
    }
    case "commander.unknownOption": {
      const flags = flagsOf(command ?? programme);
      const whose = command === undefined ? "options are" : `${command.name()} takes`;
      return `unknown option ${word}; ${whose} ${flags.join(", ")}${nearest(word, flags)}`;
    }
    case "commander.optionMissingArgument":
      return `${word.replace(/ .*/, "")} needs a value: ${word}`;
    case "commander.missingArgument":
      return `${command?.name()} needs ${word.toUpperCase()}: ${usageOf(command)}`;
    case "commander.excessArguments":
      return `too many words for ${command?.name() ?? "the program"}: ${usageOf(command)}`;
    default:
      return error.message.replace(/^error: /, "").replaceAll("\n", " ");
  }
}

function usageOf(command: Command | undefined): string {
  return command === undefined
    ? "deno task COMMAND"
    : `deno task ${command.name()} ${command.usage()}`;
}

function commandNames(programme: Command): string[] {
  return programme.commands.map((command) => command.name());
}

function allowedCommands(programme: Command): string {
  return `commands are ${commandNames(programme).join(", ")}`;
}

function flagsOf(command: Command): string[] {
  const { visibleOptions } = command.createHelp();
  return visibleOptions.call(command.createHelp(), command)
    .map((option) => option.long ?? option.flags);
}
