/** What every section of the page uses: a figure with its caption, and the mark of made-up voices. */
import { type Content, type Markup, markup } from "./markup.ts";

export function figure(
  drawing: Markup,
  { caption, synthetic, place = "" }: { caption: Content; synthetic: boolean; place?: string },
): Markup {
  return markup`<figure class="${place}">${drawing}<figcaption>${
    syntheticTag(synthetic)
  }${caption}</figcaption></figure>`;
}

export function syntheticTag(synthetic: boolean): Markup | null {
  return synthetic ? markup`<span class="tag">synthetic</span>` : null;
}
