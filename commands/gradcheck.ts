/** `gradcheck`: an op's gradient beside differences of its forward pass, element by element. */
import { gradcheck as check, openDevice, Random, UserError } from "../engine/mod.ts";
import { GRADIENT_SAMPLES, makeInputs } from "../bench/gradients.ts";
import type { GradcheckOptions } from "./words/options.ts";
import { nearest } from "./words/suggest.ts";

/** Above it a gradient is taken for wrong: several times what rounding and curvature explain. */
const MOST = 1e-3;

export async function gradcheck({ op, device: choice, seed }: GradcheckOptions): Promise<void> {
  const names = Object.keys(GRADIENT_SAMPLES).sort();
  if (op === undefined) {
    console.log(`Ops with a gradient:\n${wrapped(names)}\n\ndeno task gradcheck OP checks one.`);
    return;
  }
  const sample = Object.hasOwn(GRADIENT_SAMPLES, op) ? GRADIENT_SAMPLES[op] : undefined;
  if (sample === undefined) {
    throw new UserError(
      `gradcheck ${op}: no op of that name has a gradient; without a name all are listed` +
        nearest(op, names),
    );
  }
  using device = await openDevice(choice);
  const random = Random.of(seed, "gradcheck");
  const inputs = makeInputs(sample, device, random);
  const leaves = [...inputs.values()];
  const labels = [...inputs.keys()];
  const run = () => sample.run(Object.fromEntries(inputs));
  const rows = await check(run, leaves, { random });
  console.log(`${op} on ${device.name}, seed ${seed}`);
  console.log(line(["element", "analytic", "numeric", "error"]));
  for (const { input, element, analytic, numeric, error } of rows) {
    const place = placeOf(element, leaves[input].shape);
    console.log(
      line([
        `${labels[input]}[${place}]`,
        ...[analytic.toFixed(6), numeric.toFixed(6), error.toExponential(1)],
      ]),
    );
  }
  for (const t of leaves) t.dispose();
  const worst = rows.reduce((m, { error }) => Math.max(m, error), 0);
  console.log(`largest error, relative to the largest derivative: ${worst.toExponential(1)}`);
  if (!(worst <= MOST)) {
    throw new UserError(
      `gradcheck ${op}: gradients differ by ${worst.toExponential(1)}, ${MOST} is allowed; ` +
        "try another --seed: near a kink differences are wrong",
    );
  }
}

/** Row-major place → its indices. */
function placeOf(element: number, shape: readonly number[]): string {
  const place: number[] = [];
  for (let i = shape.length - 1, rest = element; i >= 0; i--) {
    place.unshift(rest % shape[i]);
    rest = Math.floor(rest / shape[i]);
  }
  return place.join(",");
}

function line([name, ...numbers]: readonly string[]): string {
  return name.padEnd(16) + numbers.map((n) => n.padStart(14)).join("");
}

function wrapped(names: readonly string[]): string {
  const lines = [""];
  for (const name of names) {
    if (`${lines.at(-1)} ${name}`.length > 78) lines.push("");
    lines[lines.length - 1] += ` ${name}`;
  }
  return lines.map((l) => ` ${l}`).join("\n");
}
