/** The frame of every page: one file that needs no network and no script, readable in light, dark and print. */
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
}

/** The whole page as text; what is not `Markup` is escaped. */
export function htmlPage({ title, over, under, main, footer, pictures }: PageParts): string {
  const policy = "default-src 'none'; style-src 'unsafe-inline'" +
    (pictures ? "; img-src data:" : "");
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
</body>
</html>
`;
  // A figure and its sign belong on one line.
  return String(page).replace(/(\d) %/g, "$1\u00a0%");
}
