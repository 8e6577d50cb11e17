import assert from "node:assert/strict";
import fc from "fast-check";
import type { Verdict } from "../../commands/hear/judge.ts";
import { heardFor, SPAN, type Stretch, widen } from "../../commands/hear/stretches.ts";
import { toCsv, urlFrom } from "../../commands/timeline.ts";
import { segmentsOf, windowsOver } from "../../commands/hear/timeline_segments.ts";
import { timelinePage } from "../../report/timeline_page.ts";
import { clock } from "../../report/words.ts";

const LABELS = ["neutral", "happy", "angry"];

function verdict(...probabilities: number[]): Verdict {
  const best = probabilities.indexOf(Math.max(...probabilities));
  return { label: LABELS[best], confidence: probabilities[best], probabilities };
}

Deno.test("short stretches are widened to a span, never beyond the end or into another", () => {
  assert.deepEqual(widen([{ from: 10, to: 11 }], 100), [{ from: 8.5, to: 12.5 }]);
  assert.deepEqual(widen([{ from: 0.5, to: 1 }], 100), [{ from: 0, to: 4 }]);
  assert.deepEqual(widen([{ from: 1, to: 2 }], 2.5), [{ from: 0, to: 2.5 }]);
  assert.deepEqual(widen([{ from: 10, to: 11 }, { from: 11.5, to: 20 }], 100), [
    { from: 7.5, to: 11.5 },
    { from: 11.5, to: 20 },
  ]);
  const stretch = fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 80 }))
    .map(([from, length]): Stretch => ({ from: from / 10, to: (from + length) / 10 }));
  fc.assert(fc.property(fc.array(stretch, { maxLength: 8 }), (all) => {
    widen(all, 40).forEach(({ from, to }, i) => {
      const { from: start, to: end } = all[i];
      assert.ok(from >= 0 && to <= 40 && from <= start && to >= end);
      assert.ok(to - from <= Math.max(SPAN, end - start) + 1e-9);
      for (const other of all) {
        if (other.to <= start) assert.ok(from >= other.to - 1e-9);
        if (other.from >= end) assert.ok(to <= other.from + 1e-9);
      }
    });
  }));
});

Deno.test("stretches of speech are heard one by one; a crowd of them shares what is heard", () => {
  const cues = (count: number) =>
    Array.from({ length: count }, (_, i): Stretch => {
      const from = 298 * i / count;
      return { from, to: from + 0.5 + i % 7 / 5 };
    });
  assert.deepEqual(heardFor(cues(590), 300), widen(cues(590), 300));
  const crowd = cues(10_000);
  const heard = heardFor(crowd, 300);
  assert.ok(new Set(heard.map(({ from }) => from)).size <= 2 * 300);
  heard.forEach(({ from, to }, i) => {
    assert.equal(to - from, SPAN);
    assert.ok(from >= 0 && to <= 300 && from <= crowd[i].from && to >= crowd[i].to);
  });
});

Deno.test("windows cover a stretch of speech, and their cells lie side by side", () => {
  assert.deepEqual(windowsOver({ from: 1, to: 2 }, { from: 0, to: 4 }), [
    { from: 0, to: 4, cell: { from: 1, to: 2 } },
  ]);
  fc.assert(fc.property(fc.integer({ min: 41, max: 2000 }), (tenths) => {
    const stretch = { from: 3, to: 3 + tenths / 10 };
    const windows = windowsOver(stretch, stretch);
    assert.equal(windows[0].cell.from, stretch.from);
    assert.equal(windows.at(-1)!.cell.to, stretch.to);
    windows.forEach(({ from, to, cell }, i) => {
      assert.ok(Math.abs(to - from - SPAN) < 1e-9 && from >= 3 && to <= stretch.to + 1e-9);
      if (i > 0) assert.equal(cell.from, windows[i - 1].cell.to);
    });
  }));
});

Deno.test("equal neighbours are one segment, a lonely flicker is smoothed away, quiet parts", () => {
  const stretch = { from: 0, to: 10 };
  const windows = windowsOver(stretch, stretch);
  const [happy, angry] = [verdict(0, 0.9, 0.1), verdict(0, 0.1, 0.9)];
  const flicker = windows.map((_, i) => i === 3 ? verdict(0, 0.45, 0.55) : happy);
  assert.deepEqual(
    segmentsOf(windows, flicker, LABELS).map(({ start, end, emotion }) => [start, end, emotion]),
    [[0, 10, "happy"]],
  );
  const turned = windows.map((_, i) => i < 3 ? happy : angry);
  const [first, second] = segmentsOf(windows, turned, LABELS);
  assert.deepEqual([first.emotion, second.emotion], ["happy", "angry"]);
  assert.deepEqual([first.start, first.end, second.end], [0, windows[3].cell.from, 10]);
  assert.ok(first.confidence > 0.7 && first.confidence < 0.9);
  const gap = windows.map((_, i) => i === 3 ? undefined : happy);
  assert.equal(segmentsOf(windows, gap, LABELS).length, 2);
  assert.deepEqual(segmentsOf(windows, windows.map(() => undefined), LABELS), []);
});

const SEGMENTS = [
  { start: 0.5, end: 2.25, emotion: "happy", confidence: 0.8 },
  { start: 3, end: 63.04, emotion: "angry", confidence: 0.61234 },
];

Deno.test("CSV has a line a segment, and no cell is a spreadsheet's formula", () => {
  assert.equal(
    toCsv(SEGMENTS),
    "start,end,emotion,confidence\r\n0.5,2.25,happy,0.8\r\n3,63.04,angry,0.612\r\n",
  );
  assert.match(toCsv([{ ...SEGMENTS[0], emotion: "=1" }]), /,'=1,/);
});

Deno.test("times are read as clocks", () => {
  assert.deepEqual([0, 7.26, 59.96, 3723].map(clock), ["0:00.0", "0:07.3", "1:00.0", "1:02:03.0"]);
});

Deno.test("the page refers to the file from where it lies, and holds nothing that breaks it", () => {
  assert.equal(urlFrom("out/page.html", "a b/ü?.wav"), "../a%20b/%C3%BC%3F.wav");
  const page = timelinePage({
    title: "<b>.wav",
    audio: urlFrom("p.html", "<b>.wav"),
    duration: 64,
    synthetic: true,
    warnings: ["its answers mean nothing", "for <i>nobody</i>"],
    labels: LABELS,
    segments: SEGMENTS,
    peaks: Float32Array.from({ length: 6400 }, (_, i) => Math.abs(Math.sin(i / 50))),
  });
  assert.match(page, /<audio controls preload="metadata" src="%3Cb%3E\.wav">/);
  assert.ok(!page.includes("<b>"));
  assert.ok(!/(?:src|href)="(?:https?:)?\/\//.test(page) && !page.includes("data:audio"));
  assert.match(page, /<br>its answers mean nothing<br>for &lt;i&gt;nobody/);
  assert.equal(page.match(/<tr data-start/g)?.length, 2);
  assert.ok(page.length < 60_000, `${page.length} characters`);
});

Deno.test("a short segment is named where quiet follows it, and coloured in the table too", () => {
  const named = (next: number) => {
    const page = timelinePage({
      ...{ title: "a", audio: "a.wav", duration: 100, synthetic: false, warnings: [] },
      ...{ labels: LABELS, peaks: new Float32Array(3) },
      segments: [
        { start: 10, end: 11, emotion: "happy", confidence: 0.8 },
        { start: next, end: 90, emotion: "angry", confidence: 0.8 },
      ],
    });
    assert.equal(page.match(/<td><svg class="swatch"/g)?.length, 2);
    return Array.from(page.matchAll(/<text[^>]*>(\w+)/g), ([, name]) => name);
  };
  assert.deepEqual(named(20), ["happy", "angry"]);
  assert.deepEqual(named(11), ["angry"]);
});

Deno.test("the page's policy lets its own script run, and no other", async () => {
  const page = timelinePage({
    ...{ title: "a", audio: "a.wav", duration: 1, synthetic: false, labels: LABELS },
    ...{ warnings: [], segments: [], peaks: new Float32Array(3) },
  });
  const script = /<script type="module">([^]*)<\/script>/.exec(page)![1];
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(script));
  const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1];
  assert.ok(policy.includes(`script-src 'sha256-${hash}'`), policy);
  assert.ok(policy.startsWith("default-src 'none'"));
  assert.match(page, /Nobody was heard speaking/);
});
