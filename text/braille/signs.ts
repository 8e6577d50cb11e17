/**
 * The signs of uncontracted Unified English Braille (The Rules of UEB, 2nd edition 2013), by the
 * sections named beside them. Cells are Unicode Braille patterns; a blank cell is U+2800.
 */

export const BLANK = "\u2800";
/** 6.1: sets numeric mode. */
export const NUMERIC = "⠼";
/** 5.2: the next sign has its grade 1 meaning. */
export const GRADE_1 = "⠰";
/** 8.3 to 8.6: capital letter, word and passage, and the end of the last two. */
export const CAPITAL = "⠠";
export const CAPITAL_WORD = "⠠⠠";
export const CAPITAL_PASSAGE = "⠠⠠⠠";
export const CAPITAL_END = "⠠⠄";
/** 3.27: around what the transcriber says and not the print. */
export const NOTE_OPEN = "⠈⠨⠣";
export const NOTE_CLOSE = "⠈⠨⠜";
/** 4.3: between the two letters of a ligature, before the second. */
export const LIGATURE = "⠘⠖";
/** 6.4: between numerator and denominator. */
export const FRACTION_LINE = "⠌";
/** 5.2 and 7.5: a question mark that could be read as an opening quotation mark. */
export const QUESTION = "⠦";

const CELLS = "⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵";

/** 4.1: small letters. */
export const LETTERS: ReadonlyMap<string, string> = new Map(
  [..."abcdefghijklmnopqrstuvwxyz"].map((letter, i) => [letter, CELLS[i]]),
);

/** 6.1: a digit is one of the first ten letters. */
export const DIGITS: ReadonlyMap<string, string> = new Map(
  [..."1234567890"].map((digit, i) => [digit, CELLS[i]]),
);

/** 4.5: Greek letters; a final sigma is a sigma. */
export const GREEK: ReadonlyMap<string, string> = new Map(
  ([..."αβγδεζηθικλμνξοπρστυφχψω"] as string[]).map((letter, i) => [
    letter,
    `⠨${[..."⠁⠃⠛⠙⠑⠵⠱⠹⠊⠅⠇⠍⠝⠭⠕⠏⠗⠎⠞⠥⠋⠯⠽⠺"][i]}`,
  ]),
);

/** 4.2: what stands over, under or through a letter, by its combining character. */
export const MODIFIERS: ReadonlyMap<string, string> = new Map([
  ["\u0300", "⠘⠡"], // grave
  ["\u0301", "⠘⠌"], // acute
  ["\u0302", "⠘⠩"], // circumflex
  ["\u0303", "⠘⠻"], // tilde
  ["\u0304", "⠈⠤"], // macron
  ["\u0306", "⠈⠬"], // breve
  ["\u0308", "⠘⠒"], // diaeresis
  ["\u030a", "⠘⠫"], // ring
  ["\u030c", "⠘⠬"], // caron
  ["\u0327", "⠘⠯"], // cedilla
  ["\u0335", "⠈⠒"], // stroke through
  ["\u0338", "⠈⠡"], // solidus through
]);

/** Letters that Unicode does not take apart: stroke or solidus, and letter. */
export const STRUCK: ReadonlyMap<string, readonly [modifier: string, letter: string]> = new Map([
  ["ø", ["\u0338", "o"]],
  ["ł", ["\u0338", "l"]],
  ["đ", ["\u0335", "d"]],
  ["ħ", ["\u0335", "h"]],
]);

/** 4.3: two letters in one. */
export const LIGATURES: ReadonlyMap<string, readonly [string, string]> = new Map([
  ["æ", ["a", "e"]],
  ["œ", ["o", "e"]],
]);

/** 6.4: numerator and denominator of what print writes as one character. */
export const FRACTIONS: ReadonlyMap<string, readonly [string, string]> = new Map([
  ["½", ["1", "2"]],
  ["⅓", ["1", "3"]],
  ["⅔", ["2", "3"]],
  ["¼", ["1", "4"]],
  ["¾", ["3", "4"]],
  ["⅕", ["1", "5"]],
  ["⅖", ["2", "5"]],
  ["⅗", ["3", "5"]],
  ["⅘", ["4", "5"]],
  ["⅙", ["1", "6"]],
  ["⅚", ["5", "6"]],
  ["⅛", ["1", "8"]],
  ["⅜", ["3", "8"]],
  ["⅝", ["5", "8"]],
  ["⅞", ["7", "8"]],
]);

/** Everything else that always has one sign. Quotation marks and `?` depend on their place. */
export const SIGNS: ReadonlyMap<string, string> = new Map([
  // 7: punctuation
  [".", "⠲"],
  [",", "⠂"],
  [";", "⠆"],
  [":", "⠒"],
  ["!", "⠖"],
  ["'", "⠄"], // apostrophe, and the single quotation mark that does not say which side it is
  ["-", "⠤"],
  ["—", "⠠⠤"],
  ["_", "⠨⠤"],
  ["/", "⠸⠌"],
  ["\\", "⠸⠡"],
  ["¿", "⠘⠰⠦"],
  ["¡", "⠘⠰⠖"],
  ["«", "⠸⠦"],
  ["»", "⠸⠴"],
  ["(", "⠐⠣"],
  [")", "⠐⠜"],
  ["[", "⠨⠣"],
  ["]", "⠨⠜"],
  ["{", "⠸⠣"],
  ["}", "⠸⠜"],
  // 3: general symbols
  ["&", "⠈⠯"],
  ["@", "⠈⠁"],
  ["*", "⠐⠔"],
  ["#", "⠸⠹"],
  ["•", "⠸⠲"],
  ["^", "⠈⠢"],
  ["~", "⠈⠔"],
  ["%", "⠨⠴"],
  ["°", "⠘⠚"],
  ["′", "⠶"],
  ["§", "⠘⠎"],
  ["¶", "⠘⠏"],
  ["†", "⠈⠠⠹"],
  ["‡", "⠈⠠⠻"],
  ["©", "⠘⠉"],
  ["®", "⠘⠗"],
  ["™", "⠘⠞"],
  ["♀", "⠘⠭"],
  ["♂", "⠘⠽"],
  ["♭", "⠼⠣"],
  ["♮", "⠼⠡"],
  ["♯", "⠼⠩"],
  ["|", "⠸⠳"],
  // 3.10: currency
  ["$", "⠈⠎"],
  ["€", "⠈⠑"],
  ["£", "⠈⠇"],
  ["¥", "⠈⠽"],
  ["¢", "⠈⠉"],
  ["₣", "⠈⠋"],
  ["₦", "⠈⠝"],
  // 3.17 and 11: comparison and operation
  ["+", "⠐⠖"],
  ["−", "⠐⠤"],
  ["×", "⠐⠦"],
  ["÷", "⠐⠌"],
  ["=", "⠐⠶"],
  ["±", "⠸⠖"],
  ["<", "⠈⠣"],
  [">", "⠈⠜"],
  ["→", "⠰⠳⠕"],
  ["←", "⠰⠳⠪"],
  ["↑", "⠰⠳⠬"],
  ["↓", "⠰⠳⠩"],
]);

export type Quote = '"' | "“" | "”" | "‘" | "’";

/** 7.6: one cell for the marks that the text uses most, two that say which marks they are. */
export const ONE_CELL_QUOTES = { open: "⠦", close: "⠴" } as const;
export const TWO_CELL_QUOTES: Readonly<Record<Quote, string>> = {
  "“": "⠘⠦",
  "”": "⠘⠴",
  "‘": "⠠⠦",
  "’": "⠠⠴",
  '"': "⠠⠶",
};

/** What UEB has no sign for and a reader of subtitles meets; said in a transcriber's note. */
export const NAMES: ReadonlyMap<string, string> = new Map([
  ["♪", "music"],
  ["♫", "music"],
  ["♬", "music"],
  ["♥", "heart"],
  ["❤", "heart"],
  ["ß", "eszett"],
  ["ð", "eth"],
  ["þ", "thorn"],
]);
