/** What a configuration claims is held against its file before anything of that size is made. */
import assert from "node:assert/strict";
import { UserError } from "../../../engine/error.ts";
import { openCheckpointIn } from "../../../models/wav2vec2/checkpoint.ts";
import { golden, goldenFolder, MemoryFolder } from "../../engine/io/memory_folder.ts";

const sound = goldenFolder("post_norm");
const config = JSON.parse(new TextDecoder().decode(golden("post_norm/config.json")));
const { conv_dim: channels, conv_kernel: kernels, num_hidden_layers: layers } = config;

const CLAIMS: readonly [fields: Record<string, unknown>, line: RegExp][] = [
  [
    { hidden_size: 65536 },
    /tensor ".*feature_projection\.projection\.weight" has shape \[8×\d+\]; hidden_size .* asks for \[65536×/,
  ],
  [
    { hidden_size: 8, num_attention_heads: 2, intermediate_size: 65536 },
    /intermediate_dense.* asks for \[65536×8\]/,
  ],
  [
    { num_hidden_layers: layers + 1 },
    new RegExp(
      `layers\\.${layers}\\.attention\\.q_proj\\.weight" is missing, which num_hidden_layers`,
    ),
  ],
  [
    { num_conv_pos_embeddings: 4096 },
    /pos_conv_embed.*num_conv_pos_embeddings .* asks for \[8×\d+×4096\]/,
  ],
  [
    { conv_dim: channels.map(() => 65536) },
    /conv_layers\.0\.conv\.weight" has shape .*; conv_dim and conv_kernel \[0\] of config\.json/,
  ],
  [{ conv_kernel: kernels.with(1, 1024) }, /conv_layers\.1\.conv\.weight" has .*×1024\]$/],
  [{ classifier_proj_size: 65536 }, /config\.json: classifier_proj_size is 65536; expected/],
  [
    { id2label: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [i, `a${i}`])) },
    /config\.json: id2label has 5000 labels; at most/,
  ],
];

for (const [fields, line] of CLAIMS) {
  Deno.test(`sizes that a file does not hold are one line: ${Object.keys(fields).join(", ")}`, async () => {
    const folder = new MemoryFolder({
      ...sound,
      "config.json": JSON.stringify({ ...config, ...fields }),
    });
    await assert.rejects(openCheckpointIn(folder), (error: unknown) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, line);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
    assert.equal(folder.left, 0);
  });
}
