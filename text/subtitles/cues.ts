/**
 * Where the cues of a subtitle file are: when each is shown, and which characters of the file are its
 * text. SubRip, WebVTT and SubStation Alpha (SSA, ASS), told by their contents. The file is only read:
 * whoever changes it puts characters in, and all else stays as it was.
 */
import { UserError } from "../../engine/error.ts";

export type SubtitleFormat = "srt" | "vtt" | "ass";

export interface Cue {
  /** Seconds, as written: they may be negative or the wrong way round. */
  readonly start: number;
  readonly end: number;
  /** Its text, tags and all, is `text.slice(from, to)`. */
  readonly from: number;
  readonly to: number;
}

export interface Subtitles {
  readonly format: SubtitleFormat;
  readonly cues: readonly Cue[];
}

interface Row {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

const TIME = "(-?)(?:(\\d{1,9}):)?(\\d{1,9}):(\\d{1,9})(?:[.,:](\\d{1,9}))?";
const TIMING = new RegExp(`^[ \\t]*${TIME}[ \\t]*-+>[ \\t]*${TIME}(?=[ \\t]|$)`);
const ASS_FIELDS = 10; // of both dialects, where no Format line says otherwise

/** Whether a text is subtitles, by what only subtitles hold. */
export function detectSubtitles(text: string): SubtitleFormat | undefined {
  if (/^WEBVTT(?=[ \t\r\n]|$)/.test(text)) return "vtt";
  if (/^\[(?:Script Info|Events|V4\+? Styles)\]/im.test(text)) return "ass";
  for (const { text: line } of rowsOf(text)) if (TIMING.test(line)) return "srt";
  return undefined;
}

/**
 * Find the cues, in the file's order.
 *
 * @param file stands before the problem
 * @throws UserError when it is no such format, or holds no cue
 */
export function parseSubtitles(text: string, file: string): Subtitles {
  const format = detectSubtitles(text);
  if (format === undefined) {
    throw new UserError(`${file}: not subtitles that are read (SubRip, WebVTT, SSA or ASS)`);
  }
  const cues = format === "ass" ? dialogues(text) : timedBlocks(text, format);
  if (cues.length === 0) throw new UserError(`${file}: there is no cue in it`);
  return { format, cues };
}

/** SubRip and WebVTT: a line of times, then text up to an empty line. */
function timedBlocks(text: string, format: SubtitleFormat): Cue[] {
  const cues: Cue[] = [];
  let times: readonly [number, number] | undefined;
  let rows: Row[] = [];
  let comment = false;
  const finish = (before?: "times") => {
    // where no empty line parts two cues, the second's number is the last line
    if (before && rows.length > 0 && /^[ \t]*\d+[ \t]*$/.test(rows[rows.length - 1].text)) {
      rows.pop();
    }
    if (times) {
      const from = rows.length > 0 ? rows[0].from : 0;
      const to = rows.length > 0 ? rows[rows.length - 1].to : from;
      cues.push({ start: times[0], end: times[1], from, to });
    }
    times = undefined;
    rows = [];
  };
  for (const row of rowsOf(text)) {
    if (/^\s*$/.test(row.text)) {
      finish();
      comment = false;
      continue;
    }
    if (format === "vtt" && times === undefined && /^(?:NOTE|STYLE|REGION)\b/.test(row.text)) {
      comment = true;
    }
    const found = comment || !row.text.includes("->") ? null : TIMING.exec(row.text);
    if (found) {
      finish("times");
      times = [seconds(found.slice(1, 6)), seconds(found.slice(6, 11))];
    } else if (times) {
      rows.push(row);
    }
  }
  finish();
  return cues;
}

/** SSA and ASS: `Dialogue:` lines of as many fields as `Format:` names, the last of which is the text. */
function dialogues(text: string): Cue[] {
  const cues: Cue[] = [];
  let [fields, startAt, endAt, events] = [ASS_FIELDS, 1, 2, true];
  for (const row of rowsOf(text)) {
    if (row.text.startsWith("[")) {
      events = /^\[Events\]/i.test(row.text);
    } else if (events && /^Format:/i.test(row.text)) {
      const names = row.text.slice(7).split(",").map((name) => name.trim().toLowerCase());
      if (names.at(-1) !== "text") continue; // commas in the text could not be told from the others
      fields = names.length;
      [startAt, endAt] = [names.indexOf("start"), names.indexOf("end")];
    } else if (events && /^Dialogue:/i.test(row.text)) {
      const cells: string[] = [];
      let at = row.text.indexOf(":") + 1;
      while (cells.length < fields - 1) {
        const comma = row.text.indexOf(",", at);
        if (comma < 0) break;
        cells.push(row.text.slice(at, comma));
        at = comma + 1;
      }
      const [start, end] = [assTime(cells[startAt]), assTime(cells[endAt])];
      if (cells.length < fields - 1 || start === undefined || end === undefined) continue;
      cues.push({ start, end, from: row.from + at, to: row.to });
    }
  }
  return cues;
}

function assTime(cell: string | undefined): number | undefined {
  const found = new RegExp(`^${TIME}$`).exec(cell?.trim() ?? "");
  return found ? seconds(found.slice(1)) : undefined;
}

/** Sign, hours, minutes, seconds and the digits of their fraction. */
function seconds([sign, h = "0", min, s, part = "0"]: readonly string[]): number {
  const value = 3600 * Number(h) + 60 * Number(min) + Number(s) + Number(part) / 10 ** part.length;
  return sign === "-" ? -value : value;
}

/** Lines without their ends (CR LF, LF or CR) and where they are. */
function* rowsOf(text: string): Generator<Row> {
  const end = /\r\n|\n|\r/g;
  let from = 0;
  while (from <= text.length) {
    const found = end.exec(text);
    const to = found?.index ?? text.length;
    yield { from, to, text: text.slice(from, to) };
    if (!found) return;
    from = end.lastIndex;
  }
}
