/**
 * How figures are worded, in the terminal and in the report alike, so that both say the same.
 * An undefined figure is a dash.
 */
import type { Forest, MeasuredFigure, Protocol, RunConfig, RunMetrics, Setting } from "./types.ts";

/** A fraction as a percentage: 0.76389 → `76.4 %`. */
export function percent(fraction: number | null, digits = 1): string {
  return fraction === null ? "–" : `${(100 * fraction).toFixed(digits)} %`;
}

/** A fraction as it is: 0.9654 → `0.965`. */
export function fixed(value: number | null, digits = 3): string {
  return value === null ? "–" : value.toFixed(digits);
}

/** A duration in the units that matter: `0.84 s`, `7.1 s`, `3 min 19 s`, `2 h 05 min`. */
export function duration(seconds: number): string {
  if (seconds < 0.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** A place in a recording: `0:07.3`, `1:02:03.0`. */
export function clock(seconds: number): string {
  const tenths = Math.round(10 * seconds);
  const [h, m, s] = [Math.floor(tenths / 36000), Math.floor(tenths / 600) % 60, tenths % 600];
  const tail = (s / 10).toFixed(1).padStart(4, "0");
  return h > 0 ? `${h}:${String(m).padStart(2, "0")}:${tail}` : `${m}:${tail}`;
}

/** `1,440`: digits in groups of three, whatever the machine's language. */
export function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 clip`, `1,440 clips`. */
export function counted(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
}

const TITLES: Record<Protocol, string> = {
  random: "random split by clip",
  actors: "new speakers",
  statement: "a new sentence",
  all: "trained on every clip, tested on none",
};

const MEANINGS: Record<Protocol, string> = {
  random: "Clips were divided at random, so the test's speakers and sentences were also heard in " +
    "training: the figure says little about a new speaker.",
  actors:
    "No test speaker was heard in training or validation: the figure is what to expect of a " +
    "new speaker in the same kind of recording.",
  statement: "The test sentence was never heard in training, but most of its speakers were: the " +
    "figure says how well known voices are followed to new words, not how a new speaker fares.",
  all:
    "Every clip was trained on and none was left to test: what to expect of a new speaker is what " +
    "the same recipe reached on the folds by actor.",
};

type Variant = Pick<RunConfig, "system" | "augment" | "pretrain">;

/** The system as a heading names it, with what was done to it: `cnn3, pretrained`. */
export function systemTitle({ system, augment, pretrain }: Variant): string {
  return [system, pretrain ? "pretrained" : "", augment ? `augmented (${augment})` : ""]
    .filter((word) => word !== "").join(", ");
}

/** The same for names of folders: `cnn3-pretrain`. */
export function systemName({ system, augment, pretrain }: Variant): string {
  return [system, pretrain ? "pretrain" : "", augment ? `augment-${augment}` : ""]
    .filter((word) => word !== "").join("-");
}

/** `minSamplesLeaf` → `min samples leaf`. */
export function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** A value of the configuration in words. */
export function settingWords(value: Setting): string {
  if (value === null) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "object") return value.join(", ");
  return String(value);
}

/** `entropy, max depth 20, … ; 60.8 % over 5 folds`. */
export function bestSettings({ best, folds, points }: Forest): string {
  const words = Object.entries(best.settings).map(([name, value]) =>
    name === "criterion" ? value : `${spaced(name)} ${settingWords(value)}`
  );
  return `${words.join(", ")}: ${percent(best.mean)} over ${folds} folds, ` +
    `the best of ${counted(points.length, "setting")}`;
}

/** The protocol as a heading names it: `new speakers, fold 2`. */
export function protocolTitle({ protocol, fold }: Pick<RunConfig, "protocol" | "fold">): string {
  return fold === null ? TITLES[protocol] : `${TITLES[protocol]}, fold ${fold}`;
}

/** What the protocol means for a new speaker, in one sentence or two. */
export function protocolMeaning(protocol: Protocol): string {
  return MEANINGS[protocol];
}

/** A measured mean in words: `71.8 ± 3.2 % (3 seeds, n = 216 each)`. */
export function measuredWords(protocol: "random" | "actors", figure: MeasuredFigure): string {
  const { mean, sd, runs, n } = figure;
  const spread = sd === null ? percent(mean) : `${(100 * mean).toFixed(1)} ± ${percent(sd)}`;
  return protocol === "random"
    ? `${spread} (${counted(runs, "seed")}, n = ${count(n)}${runs > 1 ? " each" : ""})`
    : `${spread} (${counted(runs, "fold")} by speaker, n = ${count(n)} in all)`;
}

/** How sure a network sounds and when it is unsure, as rows of a table; none for a forest. */
export function confidenceRows(
  { calibration }: Pick<RunMetrics, "calibration">,
): [label: string, text: string][] {
  if (!calibration) return [];
  const { temperature, unsureBelow, error: { before, after }, sure } = calibration;
  const error = before === null
    ? ""
    : `; calibration error ${percent(before)} before it, ${percent(after)} after`;
  const share = sure.share === null
    ? ""
    : `; ${percent(sure.share)} of test clips answered, ${percent(sure.accuracy)} right`;
  return [
    ["confidence", `temperature ${temperature.toFixed(2)}${error}`],
    ["unsure", `below ${percent(unsureBelow)}${share}`],
  ];
}

/** What training in half precision came to, as a row of a table; none in f32. */
export function precisionRows(
  { lossScale }: Pick<RunMetrics, "lossScale">,
): [label: string, text: string][] {
  if (!lossScale) return [];
  const { scale, skipped } = lossScale;
  const steps = `${counted(skipped, "step")} skipped`;
  const last = scale < 1 ? String(scale) : count(scale);
  return [["precision", `f16 operands, f32 sums; ${steps}, loss scale ${last} in the end`]];
}

/** Said of everything that was trained on the synthetic corpus. */
export const SYNTHETIC_MEANING = "Trained and tested on synthetic voices made by this program, " +
  "not on people: the figures show that the system learns, not how it fares on real speech.";
