/**
 * A recording's emotions over time as one page: the waveform in colours that colour-blind people can
 * tell apart, with names beside them, and a table. The sound itself stays where it is: the page
 * plays the file by its path relative to the page, and marks what is heard.
 */
import { htmlPage } from "./html_page.ts";
import { syntheticTag } from "./html_parts.ts";
import { type Markup, markup, trusted } from "./markup.ts";
import script from "./timeline_page.js" with { type: "text" };
import { clock, percent } from "./words.ts";

export interface TimelinePage {
  readonly title: string;
  /** URL of the recording, relative to the page. */
  readonly audio: string;
  /** Seconds. */
  readonly duration: number;
  readonly synthetic: boolean;
  /** What is to be said of the model before any answer. */
  readonly warnings: readonly string[];
  readonly labels: readonly string[];
  readonly segments: readonly {
    readonly start: number;
    readonly end: number;
    readonly emotion: string;
    readonly confidence: number;
  }[];
  /** Largest magnitudes of short frames, any number of them. */
  readonly peaks: Float32Array;
}

/** Okabe and Ito's palette; grey is for the first label, which is neutral in RAVDESS. */
const COLOURS = [
  ..."#999999 #56b4e9 #f0e442 #0072b2 #d55e00 #cc79a7 #009e73 #e69f00".split(" "),
];
const [WIDTH, HEIGHT] = [1200, 160];
const BELOW = 44; // the bar of colours and its names
const LETTER = 8; // as wide as a letter of a name may be
const MOST_COLUMNS = 1200;

export function timelinePage(page: TimelinePage): string {
  const { title, audio, duration, synthetic, warnings, labels, segments, peaks } = page;
  const colour = (emotion: string) =>
    COLOURS[Math.max(0, labels.indexOf(emotion)) % COLOURS.length];
  const heard = labels.filter((label) => segments.some(({ emotion }) => emotion === label));
  return htmlPage({
    title,
    over: "Emotions over time",
    under: markup`<p class="quiet">${syntheticTag(synthetic)}${clock(duration)}${
      warnings.map((line) => markup`<br>${line}`)
    }</p>`,
    main: markup`<audio controls preload="metadata" src="${audio}"></audio>
<figure>${drawing({ duration, segments, peaks, colour })}
<figcaption>${
      heard.map((label) =>
        markup`<span class="key">${swatch(colour(label))} ${label}</span>
`
      )
    }Click into the waveform to hear a place.</figcaption></figure>
<table class="times"><thead><tr><th>from</th><th>to</th><th>emotion</th><th>confidence</th></tr></thead>
<tbody>${
      segments.map(({ start, end, emotion, confidence }) =>
        markup`<tr data-start="${start.toFixed(3)}" data-end="${end.toFixed(3)}"><td>${
          clock(start)
        }</td><td>${clock(end)}</td><td>${swatch(colour(emotion))} ${emotion}</td><td>${
          percent(confidence, 0)
        }</td></tr>
`
      )
    }</tbody></table>`,
    footer: markup`<footer><p>${
      segments.length === 0 ? "Nobody was heard speaking." : "Speech is found by its energy."
    } The sound is not part of this page: it is played from ${audio}.</p></footer>`,
    pictures: false,
    script,
  });
}

function swatch(colour: string): Markup {
  return markup`<svg class="swatch" viewBox="0 0 1 1" aria-hidden="true"><path fill="${colour}" d="M0 0h1v1H0z"/></svg>`;
}

function drawing({ duration, segments, peaks, colour }: {
  duration: number;
  segments: TimelinePage["segments"];
  peaks: Float32Array;
  colour: (emotion: string) => string;
}): Markup {
  const x = (seconds: number) => (seconds / duration * WIDTH).toFixed(1);
  return markup`<svg id="wave" viewBox="0 0 ${WIDTH} ${HEIGHT + BELOW}" role="img" data-duration="${
    duration.toFixed(3)
  }" aria-label="Waveform; the table below says what its colours say">
${
    segments.map(({ start, end, emotion, confidence }, i) =>
      markup`<g data-start="${start.toFixed(3)}" data-end="${end.toFixed(3)}"><title>${emotion} ${
        percent(confidence, 0)
      }, ${clock(start)} to ${clock(end)}</title><rect x="${x(start)}" y="0" width="${
        x(end - start)
      }" height="${HEIGHT}" fill="${colour(emotion)}" fill-opacity="0.35"/><rect x="${
        x(start)
      }" y="${HEIGHT + 4}" width="${x(end - start)}" height="20" fill="${colour(emotion)}"/>${
        // a name may reach into the quiet behind it
        ((segments[i + 1]?.start ?? duration) - start) / duration * WIDTH < LETTER * emotion.length
          ? null
          : markup`<text x="${x(start)}" y="${HEIGHT + 40}">${emotion}</text>`}</g>
`
    )
  }<path fill="currentColor" d="${trusted(outline(peaks))}"/>
<line id="now" x1="0" x2="0" y1="0" y2="${HEIGHT + BELOW}" stroke="var(--second)" stroke-width="2"/>
</svg>`;
}

/**
 * The waveform's outline, mirrored about the middle, its loudest place as high as the drawing; by the
 * square root, so that soft words are seen beside a shout.
 */
function outline(peaks: Float32Array): string {
  const columns = Math.min(MOST_COLUMNS, peaks.length);
  const tops = Array.from({ length: columns }, (_, c) => {
    const from = Math.floor(c * peaks.length / columns);
    const to = Math.max(from + 1, Math.floor((c + 1) * peaks.length / columns));
    let top = 0;
    for (let i = from; i < to; i++) top = Math.max(top, peaks[i]);
    return top;
  });
  const loudest = Math.max(1e-6, ...tops);
  const point = (c: number, side: number) =>
    `${((c + 0.5) * WIDTH / columns).toFixed(1)} ${
      (HEIGHT / 2 * (1 - side * Math.max(0.008, Math.sqrt(tops[c] / loudest)))).toFixed(1)
    }`;
  const there = tops.map((_, c) => point(c, 1));
  const back = tops.map((_, c) => point(c, -1)).reverse();
  return `M${[...there, ...back].join("L")}Z`;
}
