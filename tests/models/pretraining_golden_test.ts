/**
 * CNN-3's layer-wise pretraining against PyTorch, from PyTorch's own initial weights and images, drawn
 * here as `goldens/cnn_steps.py` drew them; one batch holds all clips, so their order is no matter.
 *
 * The bias before batch norm has a gradient of rounding noise, which Adam makes into whole steps.
 * Batch statistics cancel it, running ones that are four steps old do not: what the second layer and
 * those above see agrees to a hundredth only (batch statistics in their place would be far off).
 */
import assert from "node:assert/strict";
import { Random } from "../../engine/random.ts";
import { ConvTranspose2d } from "../../engine/nn/layers.ts";
import { LayerwisePretrainer } from "../../engine/train/autoencoder.ts";
import { Rows } from "../../engine/train/rows.ts";
import { RandomState } from "../../features/corpus/mt19937.ts";
import { Cnn3, cnn3 } from "../../models/cnn3.ts";
import { openDevices } from "../engine/devices.ts";
import golden from "../goldens/cnn_steps.json" with { type: "json" };
import { initialize, torchUniform } from "./pytorch.ts";

Deno.test("CNN-3's pretraining follows PyTorch's, on every backend", async (t) => {
  const { side, batch, losses } = golden.pretraining;
  using devices = await openDevices();
  for (const device of devices.list) {
    await t.step(device.name, async () => {
      const context = { device, random: Random.of(0, "unused") };
      const model = new Cnn3(context, 8);
      const layers = cnn3.pretraining!.layers(context, model);
      const decoders = layers.map(({ decoder }) => {
        assert.ok(decoder instanceof ConvTranspose2d);
        return decoder;
      });
      const random = new RandomState(golden.seed);
      initialize([...model.blocks.map((b) => b.conv), ...decoders], random);
      const images = torchUniform(random, batch * side * side).map((v) => v * 2 - 1);
      const size = side * side;
      const rows = Array.from(
        { length: batch },
        (_, i) => images.subarray(i * size, (i + 1) * size),
      );
      const inputs = new Rows(device, rows, { rowShape: [1, side, side] });
      using pretrainer = new LayerwisePretrainer({
        device,
        layers,
        recipe: { epochs: losses[0].length, batch, learningRate: 1e-3 },
        seed: 0,
        inputs,
      });
      await pretrainer.run();
      losses.forEach((expected, layer) =>
        expected.forEach((loss, epoch) => {
          const ours = pretrainer.losses[layer][epoch];
          assert.ok(
            Math.abs(ours / loss - 1) < (layer === 0 ? 1e-4 : 1e-2),
            `layer ${layer + 1}, epoch ${epoch + 1}: loss ${ours}, PyTorch ${loss}`,
          );
        })
      );
      inputs.dispose();
      model.dispose();
    });
  }
});
