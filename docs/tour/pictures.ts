/**
 * Draws the tour's pictures: pictures/NAME.ts says what, pictures/NAME.svg is what comes out and what
 * a page shows. A test holds the files to the drawings.
 */
import { draw as attention } from "./pictures/attention.ts";
import { draw as batch_norm } from "./pictures/batch_norm.ts";
import { draw as broadcasting } from "./pictures/broadcasting.ts";
import { draw as convolution } from "./pictures/convolution.ts";
import { draw as emotion } from "./pictures/emotion.ts";
import { draw as fft } from "./pictures/fft.ts";
import { draw as matmul } from "./pictures/matmul.ts";
import { draw as memory } from "./pictures/memory.ts";
import { draw as softmax } from "./pictures/softmax.ts";
import { draw as tape } from "./pictures/tape.ts";
import { draw as tensor } from "./pictures/tensor.ts";
import { draw as webgpu } from "./pictures/webgpu.ts";
import type { Picture } from "./pictures/svg.ts";

/** By the chapter's name. */
export const PICTURES: Readonly<Record<string, () => Picture>> = {
  attention,
  batch_norm,
  broadcasting,
  convolution,
  emotion,
  fft,
  matmul,
  memory,
  softmax,
  tape,
  tensor,
  webgpu,
};

export function pictureFile(name: string): URL {
  return new URL(`pictures/${name}.svg`, import.meta.url);
}

if (import.meta.main) {
  for (const [name, draw] of Object.entries(PICTURES)) {
    await Deno.writeTextFile(pictureFile(name), draw().toString());
  }
  console.log(`${Object.keys(PICTURES).length} pictures drawn`);
}
