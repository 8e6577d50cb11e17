/**
 * The frame of every page: one file that needs no network, readable in light, dark and print. A page
 * runs no script but the one of the program that it is given, and then may play files beside it.
 */
import { createHash } from "node:crypto";
import style from "./style.css" with { type: "text" };
import { type Content, markup, trusted } from "./markup.ts";

export interface PageParts {
  readonly title: string;
  /** Above and below the title. */
  readonly over: Content;
  readonly under: Content;
  readonly main: Content;
  readonly footer: Content;
  /** Whether the page holds pictures, as data. */
  readonly pictures: boolean;
  /** A script of the program's own, for pages that play sound. */
  readonly script?: string;
}

/** The whole page as text; what is not `Markup` is escaped. */
export function htmlPage(
  { title, over, under, main, footer, pictures, script }: PageParts,
): string {
  const policy = "default-src 'none'; style-src 'unsafe-inline'" +
    (pictures ? "; img-src data:" : "") +
    (script ? `; media-src 'self' file:; script-src 'sha256-${sha256(script)}'` : "");
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<meta name="generator" content="Timbre">
<title>${title} – Timbre</title>
<style>${trusted(style)}</style>
</head>
<body>
<header>
<div class="quiet">${over}</div>
<h1>${title}</h1>
${under}
</header>
<main>
${main}
</main>
${footer}
${script ? trusted(`<script type="module">${script}</script>`) : null}
</body>
</html>
`;
  // A figure and its sign belong on one line.
  return String(page).replace(/(\d) %/g, "$1\u00a0%");
}

/** As a page's policy names the scripts that may run. */
function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
