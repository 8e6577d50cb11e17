/** The page's section on pretraining: losses layer by layer, and clips beside what was restored. */
import { syntheticTag } from "./html_parts.ts";
import { type Markup, markup } from "./markup.ts";
import { pngAddress } from "./png.ts";
import type { Picture, RunReport } from "./types.ts";
import { count, counted } from "./words.ts";

/** Nothing where a run was not pretrained, or its files alone are known. */
export async function pretrainingSection({ config, pretraining }: RunReport): Promise<Markup> {
  if (!pretraining) return markup``;
  const { losses, pictures } = pretraining;
  const clips: Markup[] = [];
  for (const { input, restored } of pictures) {
    const cells = [await image(input, "a training clip")];
    for (const [depth, picture] of restored.entries()) {
      cells.push(await image(picture, `restored from layer ${depth + 1}`));
    }
    clips.push(markup`<tr>${cells.map((cell) => markup`<td>${cell}</td>`)}</tr>\n`);
  }
  const heads = ["input", ...losses.map((_, i) => `from layer ${i + 1}`)];
  return markup`<section>
<h2>Pretraining</h2>
<p class="quiet">${
    `Each layer learned for ${counted(losses[0].length, "epoch")} to restore what the layers ` +
    "below it gave, by itself and without labels, on training clips alone."
  }</p>
<div class="scroll"><table>
<thead><tr><th scope="col">layer</th><th scope="col">first loss (MSE)</th><th scope="col">last loss</th></tr></thead>
<tbody>
${
    losses.map((layer, i) =>
      markup`<tr><th scope="row">${count(i + 1)}</th><td>${precise(layer[0])}</td><td>${
        precise(layer.at(-1))
      }</td></tr>\n`
    )
  }</tbody>
</table></div>
<figure><div class="scroll"><table class="pictures">
<thead><tr>${heads.map((head) => markup`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>
${clips}</tbody>
</table></div>
<figcaption>${
    syntheticTag(config.synthetic)
  }Mel images of training clips, low frequencies at the bottom, and what the decoders make of them from each depth; every picture on its own scale.</figcaption></figure>
</section>
`;
}

async function image(picture: Picture, words: string): Promise<Markup> {
  const { width, height } = picture;
  const address = await pngAddress(picture);
  return markup`<img src="${address}" width="${width}" height="${height}" alt="${words}">`;
}

function precise(loss: number | undefined): string {
  return loss === undefined ? "–" : loss.toPrecision(3);
}
