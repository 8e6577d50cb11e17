/**
 * A forest's settings, with scikit-learn's defaults, and the rules that a setting must obey
 * wherever it is given: in an option or in a list of a grid.
 */
import { UserError } from "../../engine/error.ts";
import { CRITERIA } from "./criterion.ts";
import type { TreeOptions } from "./grow.ts";

export interface ForestOptions extends TreeOptions {
  readonly trees: number;
  /** How many features a node looks at: √p, log2 p, all, or so many. */
  readonly maxFeatures: "sqrt" | "log2" | "all" | number;
  /** Each tree learns from n draws with replacement out of the n rows; else from all rows. */
  readonly bootstrap: boolean;
  /**
   * Weight of each class: all alike (null), so that classes weigh the same ("balanced"), or a
   * number for each. Under bootstrap rows are drawn by weight; without, they count by weight, and
   * where weights are no whole numbers a tie between splits may fall otherwise than in scikit-learn.
   */
  readonly classWeight: null | "balanced" | readonly number[];
  /** 0 to 2³² - 1. */
  readonly seed: number;
}

/** RandomForestClassifier's defaults, with the paper's seed. */
export const FOREST_DEFAULTS: ForestOptions = {
  trees: 100,
  criterion: "gini",
  maxDepth: null,
  minSamplesSplit: 2,
  minSamplesLeaf: 1,
  maxFeatures: "sqrt",
  bootstrap: true,
  classWeight: null,
  seed: 42,
};

interface Rule {
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
}

const wholeFrom = (least: number) => (value: unknown) =>
  Number.isSafeInteger(value) && (value as number) >= least;

const oneOf = (words: readonly unknown[]): Rule => ({
  expected: words.map((word) => JSON.stringify(word)).join(" or "),
  holds: (value) => words.includes(value),
});

const FEATURE_WORDS = ["sqrt", "log2", "all"];

const RULES: Readonly<Record<keyof ForestOptions, Rule>> = {
  trees: { expected: "a whole number of at least 1", holds: wholeFrom(1) },
  criterion: oneOf(CRITERIA),
  maxDepth: {
    expected: "a whole number of at least 1, or null for no limit",
    holds: (value) => value === null || wholeFrom(1)(value),
  },
  minSamplesSplit: { expected: "a whole number of at least 2", holds: wholeFrom(2) },
  minSamplesLeaf: { expected: "a whole number of at least 1", holds: wholeFrom(1) },
  maxFeatures: {
    expected: `${oneOf(FEATURE_WORDS).expected}, or a whole number of at least 1`,
    holds: (value) => FEATURE_WORDS.includes(value as string) || wholeFrom(1)(value),
  },
  bootstrap: oneOf([true, false]),
  classWeight: {
    expected: 'null, "balanced", or a positive number for each class',
    holds: (value) =>
      value === null || value === "balanced" ||
      (Array.isArray(value) && value.every((w) => Number.isFinite(w) && w > 0)),
  },
  seed: {
    expected: "a whole number from 0 to 4294967295",
    holds: (value) => wholeFrom(0)(value) && (value as number) <= 0xffffffff,
  },
};

/**
 * @param where what messages begin with, such as `grid`
 * @throws UserError naming the setting, what was expected and what came
 */
export function checkSetting(where: string, name: string, value: unknown): void {
  const rule = Object.hasOwn(RULES, name) ? RULES[name as keyof ForestOptions] : undefined;
  if (rule === undefined) {
    throw new UserError(
      `${where}: there is no setting '${name}'; there are ${Object.keys(RULES).join(", ")}`,
    );
  }
  if (!rule.holds(value)) {
    throw new UserError(
      `${where}: ${name}: expected ${rule.expected}, got ${JSON.stringify(value) ?? value}`,
    );
  }
}

/**
 * Fills in the defaults and checks every setting.
 * @throws UserError for the first that is wrong
 */
export function forestOptions(
  given: Partial<ForestOptions>,
  { classes }: { readonly classes: readonly string[] },
): ForestOptions {
  const options = { ...FOREST_DEFAULTS, ...given };
  for (const [name, value] of Object.entries(options)) checkSetting("forest", name, value);
  const { classWeight } = options;
  if (Array.isArray(classWeight) && classWeight.length !== classes.length) {
    throw new UserError(
      `forest: classWeight: expected ${classes.length} numbers, one for each of ` +
        `${classes.join(", ")}, got ${classWeight.length}`,
    );
  }
  return options;
}

/** How many of `features` a node looks at. */
export function featuresPerNode(
  maxFeatures: ForestOptions["maxFeatures"],
  features: number,
): number {
  switch (maxFeatures) {
    case "all":
      return features;
    case "sqrt":
      return Math.max(1, Math.floor(Math.sqrt(features)));
    case "log2":
      return Math.max(1, Math.floor(Math.log2(features)));
    default:
      return Math.min(maxFeatures, features);
  }
}
