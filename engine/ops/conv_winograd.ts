/**
 * Winograd's convolution on the CPU: which plans it serves, how they are cut into tiles, and the
 * launches of `kernels/winograd.ts`. Tiles follow from the shapes alone.
 */
import type { CpuCaps, CpuLaunch } from "../backend.ts";
import type { ConvBuffers, ConvPlan } from "./conv_plan.ts";

/** Words the transformed input of a tile may hold; at least `LEAST` patches are taken at a time. */
const INPUT_WORDS = 32 * 1024;
const LEAST = 32;
/** Tiles there should be for threads to share. */
const SHARES = 8;

/** Whether `plan` is a 3×3 convolution of stride 1 with whole patches, and wide enough to gain. */
export function suitsWinograd(plan: ConvPlan): boolean {
  const is = (pair: readonly [number, number], n: number) => pair[0] === n && pair[1] === n;
  return is(plan.taps, 3) && is(plan.stride, 1) && is(plan.dilation, 1) && is(plan.step, 1) &&
    plan.count[0] % 2 === 0 && plan.count[1] % 8 === 0 &&
    plan.channels >= 12 && plan.outputs >= 12;
}

function planTiles(plan: ConvPlan): { images: number; rows: number; columns: number } {
  const most = Math.max(LEAST, INPUT_WORDS / 16 / plan.channels);
  let [rows, columns] = plan.count;
  const tiles = () => Math.ceil(plan.count[0] / rows) * Math.ceil(plan.count[1] / columns);
  const halved = () => Math.ceil(rows / 4) * 2;
  while (rows > 2 && rows * columns / 4 > most) rows = halved();
  while (columns > 8 && rows * columns / 4 > most) columns = Math.ceil(columns / 16) * 8;
  while (rows > 2 && plan.images * tiles() < SHARES && rows * columns / 4 > LEAST) rows = halved();
  let images = 1;
  if (tiles() === 1) {
    const share = Math.ceil(plan.images / SHARES);
    while (images < share && (images + 1) * rows * columns / 4 <= most) images++;
  }
  return { images, rows, columns };
}

/** Launches that compute what `plan` says; `suitsWinograd` must hold. */
export function cpuWinograd(
  plan: ConvPlan,
  { x, w, bias, out, scratch }: ConvBuffers,
  { caps, relu }: { caps: CpuCaps; relu: boolean },
): CpuLaunch[] {
  const { groups, channels, outputs, weights, count } = plan;
  const { images, rows, columns } = planTiles(plan);
  const panels = Math.ceil(outputs / 6);
  const packed = scratch(groups * panels * 96 * channels);
  const pitch = Math.ceil(images * rows * columns / 4 / 16) * 16;
  const patch = images * channels * (rows + 2) * (columns + 2) + 16;
  const words = 16 + channels + 16 + 16 * (channels * pitch + 16) + 16 * (6 * pitch + 16) + patch;
  const perThread = Math.ceil(words / 16) * 16;
  return [{
    kernel: "winogradPack",
    buffers: [w, packed],
    params: [
      outputs,
      channels,
      panels,
      weights.first,
      weights.group,
      weights.output,
      weights.channel,
      weights.row,
      weights.column,
    ],
    items: groups * panels,
    work: 200 * channels,
  }, {
    kernel: "winograd",
    buffers: [x, packed, bias ?? w, out, scratch(perThread * caps.threads)],
    params: [
      plan.images,
      groups,
      channels,
      outputs,
      ...plan.size,
      ...plan.before,
      ...count,
      images,
      rows,
      columns,
      Number(bias !== undefined),
      Number(relu),
      perThread,
      pitch,
    ],
    items: Math.ceil(plan.images / images) * Math.ceil(count[0] / rows) *
      Math.ceil(count[1] / columns),
    grain: 1,
  }];
}
