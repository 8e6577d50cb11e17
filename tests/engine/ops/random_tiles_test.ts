/** Convolutions of random shapes through tiles of random shapes, against the reference, gradients too. */
import fc from "fast-check";
import { convFits, type ConvTile, type TileOutputs } from "../../../engine/tiles.ts";
import { openAsRealGpu } from "../devices.ts";
import { checkCase } from "./check.ts";
import { conv as conv1d } from "./conv1d_cases.ts";
import { conv as conv2d } from "./conv_cases.ts";
import type { OpCase } from "./harness.ts";

const EVERYWHERE = { maxInvocations: 256, maxWorkgroupStorage: 16_384 };

function tile(outputs: TileOutputs): fc.Arbitrary<ConvTile> {
  const shapes: fc.Arbitrary<ConvTile> = fc.record({
    across: fc.constantFrom(32, 64, 128, 256),
    depth: fc.constantFrom(4, 8, 16),
    side: fc.constantFrom(4 as const, 8 as const),
  });
  return shapes.filter((one) => convFits(one, outputs, EVERYWHERE));
}

const tiles = fc.record({ 16: tile(16), 32: tile(32), 64: tile(64) });

const upTo = (most: number) => fc.integer({ min: 1, max: most });
/** How windows lie along an axis, and how far the input goes past one of them. */
const axis = fc.record({
  taps: upTo(4),
  stride: upTo(3),
  dilation: upTo(2),
  padding: fc.nat(2),
  more: fc.nat(11),
});
type Axis = typeof axis extends fc.Arbitrary<infer T> ? T : never;

const sizeOf = ({ taps, dilation, padding, more }: Axis) =>
  Math.max(1, dilation * (taps - 1) + 1 - 2 * padding) + more;

const common = {
  images: upTo(3),
  groups: upTo(2),
  channels: fc.oneof(upTo(3), upTo(24)),
  outputs: fc.oneof(upTo(3), upTo(40)),
  bias: fc.boolean(),
};

const overImages = fc.record({ ...common, y: axis, x: axis }).map((
  { images, groups, channels, outputs, bias, y, x },
): OpCase =>
  conv2d({
    x: [images, groups * channels, sizeOf(y), sizeOf(x)],
    outputs: groups * outputs,
    taps: [y.taps, x.taps],
    stride: [y.stride, x.stride],
    dilation: [y.dilation, x.dilation],
    padding: [y.padding, x.padding],
    groups,
    bias,
  })
);

const overTime = fc.record({ ...common, t: axis }).map((
  { images, groups, channels, outputs, bias, t },
): OpCase => {
  const { taps, stride, dilation, padding } = t;
  const x: [number, number, number] = [images, sizeOf(t), groups * channels];
  return conv1d({ x, outputs: groups * outputs, taps, stride, dilation, padding, groups, bias });
});

for (const [what, cases] of Object.entries({ images: overImages, time: overTime })) {
  Deno.test(`random convolutions over ${what} through random tiles are right`, async () => {
    const right = fc.asyncProperty(cases, tiles, async (c, shapes) => {
      using device = await openAsRealGpu({
        ...{ conv: shapes, convWeight: shapes, conv1d: shapes, conv1dWeight: shapes },
      });
      if (device) await checkCase(c, [device]);
    });
    await fc.assert(right, { numRuns: 25, seed: 1 });
  });
}
