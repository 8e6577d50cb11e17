/** The words of `timeline`, `subtitle`, `braille` and `listen`: what is done with people's own files. */
import type { Command } from "commander";
import { UserError } from "../../engine/error.ts";
import { STYLES } from "../../text/emotion_words.ts";
import type { BrailleOptions, ListenOptions, SubtitleOptions, TimelineOptions } from "./options.ts";
import { type Add, type Hooks, withDebug, withDevice } from "./parts.ts";
import { path, share, wholeNumber, word } from "./values.ts";

function withRun(command: Command): Command {
  return command.option(
    "--run <RUN>",
    "a run, a checkpoint's folder or a model file (default: the shipped model, else the newest run)",
    path("--run"),
  );
}

export function addTimeline(add: Add, { invoke }: Hooks): void {
  const command = add("timeline", "Follow the emotions in a recording over time.", [
    "deno task timeline talk.wav",
    "deno task timeline talk.wav --html talk.html",
    "deno task timeline talk.mp3 --csv > talk.csv",
  ])
    .usage("FILE [options]")
    .argument(
      "<FILE>",
      "a recording of any length: WAV, FLAC, MP3, Ogg, Opus, M4A, AIFF, a film's sound and more",
      path("FILE"),
    )
    .option("--json", "print JSON instead of a table", false)
    .option("--csv", "print CSV: start, end, emotion, confidence", false)
    .option("--html <OUT>", "write a page that plays the file in step", path("--html"));
  withDebug(withDevice(withRun(command))).action((file: string) => {
    const flags = command.opts<Omit<TimelineOptions, "file">>();
    const forms = [flags.json && "--json", flags.csv && "--csv", flags.html && "--html"]
      .filter((form) => form);
    if (forms.length > 1) throw new UserError(`${forms.join(" and ")} exclude each other`);
    invoke({ command: "timeline", options: { ...flags, file } });
  });
}

export function addSubtitle(add: Add, { invoke }: Hooks): void {
  const command = add(
    "subtitle",
    "Write the emotion of each cue before its words, as [angrily]; neutral ones stay as they are.",
    [
      "deno task subtitle film.wav film.srt --out marked.srt",
      "deno task subtitle film.wav film.vtt --in-place --style noun --min-confidence 0.7",
      "deno task subtitle film.mp3 film.ass > marked.ass",
    ],
  )
    .usage("AUDIO SUBS [options]")
    .argument(
      "<AUDIO>",
      "what is heard: WAV, FLAC, MP3, Ogg, Opus, M4A, AIFF, a film's sound and more",
      path("AUDIO"),
    )
    .argument("<SUBS>", "SubRip, WebVTT, SSA or ASS; its encoding stays", path("SUBS"))
    .option("--out <FILE>", "the marked subtitles (default: standard output)", path("--out"))
    .option("--in-place", "write over SUBS", false)
    .option(
      "--min-confidence <P>",
      "leave what is less sure unmarked, 0 to 1 (default: what the model calls unsure)",
      share("--min-confidence"),
    )
    .option(
      `--style <${STYLES.join("|")}>`,
      "[angrily], [anger] or [😠]",
      word("--style", STYLES),
      "adverb",
    );
  withDebug(withDevice(withRun(command))).action((audio: string, subtitles: string) => {
    const flags = command.opts<Omit<SubtitleOptions, "audio" | "subtitles">>();
    if (flags.out !== undefined && flags.inPlace) {
      throw new UserError("--out and --in-place exclude each other");
    }
    invoke({ command: "subtitle", options: { ...flags, audio, subtitles } });
  });
}

export function addBraille(add: Add, { invoke }: Hooks): void {
  const command = add(
    "braille",
    "Put a text, or the words of subtitles, into uncontracted English Braille (UEB).",
    [
      "deno task braille film.srt",
      "deno task braille letter.txt --brf --page-numbers --out letter.brf",
    ],
  )
    .usage("FILE [options]")
    .argument(
      "<FILE>",
      "text, SubRip, WebVTT, SSA or ASS, in UTF-8, UTF-16 or Windows-1252",
      path("FILE"),
    )
    .option("--out <FILE>", "where it goes (default: standard output)", path("--out"))
    .option("--brf", "pages of 40 × 25 in ASCII Braille, for embossers", false)
    .option("--page-numbers", "with --brf, on the last line of every page", false);
  withDebug(command).action((file: string) => {
    const flags = command.opts<Omit<BrailleOptions, "file">>();
    if (flags.pageNumbers && !flags.brf) throw new UserError("--page-numbers goes with --brf");
    invoke({ command: "braille", options: { ...flags, file } });
  });
}

export function addListen(add: Add, { invoke }: Hooks): void {
  const command = add(
    "listen",
    "Say the current emotion once a second of what comes in on standard input: raw 16-bit " +
      "little-endian samples of one channel, or WAV.",
    [
      "arecord -q -f S16_LE -c 1 -r 16000 -t raw | deno task listen",
      "ffmpeg -v error -f pulse -i default -ac 1 -ar 16000 -f s16le - | deno task listen",
      "ffmpeg -v error -i talk.mp3 -ac 1 -f wav - | deno task listen",
    ],
  )
    .usage("[options]")
    .option(
      "--rate <HZ>",
      "of raw samples; a WAV says its own",
      wholeNumber("--rate", { from: 2_000, to: 384_000 }),
      16_000,
    );
  withDebug(withDevice(withRun(command))).action(() => {
    invoke({ command: "listen", options: command.opts<ListenOptions>() });
  });
}
