import assert from "node:assert/strict";
import { renderReport } from "../../report/html.ts";
import { markup } from "../../report/markup.ts";
import { sampleReport } from "./sample.ts";

/** The text a reader sees, without tags. */
function textOf(html: string): string {
  return html.replace(/<style>[^]*?<\/style>/, "").replace(/<[^>]+>/g, " ")
    .replaceAll("\u00a0", " ").replace(/\s+/g, " ");
}

function occurrences(text: string, part: string): number {
  return text.split(part).length - 1;
}

const real = await renderReport(sampleReport());

Deno.test("the report states accuracy, interval, n, protocol and the paper's figure", () => {
  const { test } = sampleReport().metrics;
  const text = textOf(real);
  assert.ok(text.includes(`${(100 * test.accuracy!).toFixed(1)} % of test clips`));
  assert.match(text, /95 % interval [\d.]+ to [\d.]+ %/);
  assert.ok(text.includes("The paper reports 77.88 % for cnn4"));
  assert.ok(text.includes("says little about a new speaker"));
  assert.ok(text.includes("epoch 21 kept"));
  for (const { label } of test.perClass) {
    assert.ok(occurrences(text, label) >= 5, `${label} in matrix, table and curves`);
  }
});

Deno.test("the report needs no network and no script", () => {
  assert.doesNotMatch(real, /<script|<link|<img|<iframe|@import|url\(|\son\w+=/i);
  const addresses = [...real.matchAll(/https?:\/\/[^"' <]+/g)].map(([address]) => address);
  assert.deepEqual([...new Set(addresses)], ["http://www.w3.org/2000/svg"]);
});

Deno.test("every drawing takes its colours from the page, so that dark stays dark", () => {
  const drawings = [...real.matchAll(/<svg[^]*?<\/svg>/g)].map(([svg]) => svg);
  assert.equal(drawings.length, 20); // comparison, loss, accuracy, confusion, 8 ROC, 8 precision-recall
  for (const svg of drawings) {
    const colours = [...svg.matchAll(/(?:fill|stroke)="([^"]+)"/g)].map(([, colour]) => colour);
    assert.ok(colours.length > 0);
    const fixed = colours.filter((colour) => !/^(none|transparent|var\(--\w+\))$/.test(colour));
    assert.deepEqual([...new Set(fixed)], []);
    assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
  }
});

Deno.test("names out of files cannot break out of the text", async () => {
  const nasty = `<script>alert(1)</script>"'&\u0000`;
  const report = sampleReport({ labels: [nasty, "b"], support: [9, 9], epochs: 2 });
  const html = await renderReport({
    ...report,
    config: {
      ...report.config,
      system: nasty,
      corpus: { ...report.config.corpus, name: nasty, notes: [nasty] },
      settings: { [nasty]: [nasty] },
      started: nasty,
    },
    metrics: { ...report.metrics, device: nasty },
  });
  assert.doesNotMatch(html, /<script/i);
  assert.ok(html.includes("&lt;script&gt;"));
  assert.ok(!html.includes("\u0000"));
});

Deno.test("synthetic voices are named as such above and at every figure", async () => {
  const html = await renderReport(sampleReport({ synthetic: true }));
  assert.match(textOf(html), /Synthetic\. Trained and tested on synthetic voices/);
  const figures = occurrences(html, "<figure");
  assert.ok(figures >= 6);
  assert.equal(occurrences(html, `<span class="tag">synthetic</span>`), figures + 1); // and the table
  assert.ok(!real.toLowerCase().includes("synthetic voices"));
  assert.match(textOf(html), /so the two cannot be compared/);
});

Deno.test("absent validation, classes and curves leave no broken figure", async () => {
  const reports = [
    sampleReport({ labels: ["a", "b", "c"], support: [9, 0, 5], validation: false, epochs: 1 }),
    sampleReport({ labels: ["only"], support: [9], epochs: 2 }),
    sampleReport({ labels: ["a", "b"], support: [0, 0], epochs: 0 }),
    { ...sampleReport({ epochs: 1 }), curves: [], history: [] },
  ];
  for (const report of reports) {
    const html = await renderReport(report);
    assert.doesNotMatch(html, /NaN|undefined|Infinity|null</);
  }
  const text = textOf(await renderReport(reports[0]));
  assert.ok(text.includes("no clip of this class in the test"));
  assert.ok(!text.includes("validation clips alone"));
  assert.ok(
    textOf(await renderReport(reports[1])).includes("no clip of another class in the test"),
  );
});

Deno.test("a template escapes what is put in, and markup only once", () => {
  const inner = markup`<b>${"1 < 2"}</b>`;
  assert.equal(
    String(markup`<i title="${`"`}">${inner}${null}${[1, "&"]}</i>`),
    `<i title="&quot;"><b>1 &lt; 2</b>1&amp;</i>`,
  );
});

Deno.test("a pretrained run shows what was restored, in images the page holds itself", async () => {
  const report = sampleReport();
  const picture = (scale: number) => ({
    width: 3,
    height: 2,
    values: Float32Array.from([0, 1, 2, 3, 4, 5], (v) => v * scale - 7),
  });
  const html = await renderReport({
    ...report,
    config: {
      ...report.config,
      system: "cnn3",
      pretrain: { epochs: 2, batch: 8, learningRate: 1 },
    },
    pretraining: {
      losses: [[0.5, 0.25], [4, 0.001]],
      pictures: [{ input: picture(1), restored: [picture(2), picture(0)] }],
    },
  });
  assert.match(textOf(html), /cnn3, pretrained on RAVDESS/);
  assert.match(textOf(html), /1 0\.500 0\.250 2 4\.00 0\.00100/);
  const addresses = [...html.matchAll(/<img src="([^"]*)"/g)].map(([, address]) => address);
  assert.equal(addresses.length, 3);
  assert.deepEqual(await greysOf(addresses[0]), [[153, 204, 255], [0, 51, 102]]);
  assert.deepEqual(await greysOf(addresses[1]), await greysOf(addresses[0]));
  assert.deepEqual(await greysOf(addresses[2]), [[0, 0, 0], [0, 0, 0]]);
});

/** The rows of an 8-bit grey PNG without filters, read by its chunks. */
async function greysOf(address: string): Promise<number[][]> {
  const bytes = Uint8Array.fromBase64(address.slice(address.indexOf(",") + 1));
  const view = new DataView(bytes.buffer);
  assert.deepEqual([...bytes.subarray(1, 4)], [0x50, 0x4e, 0x47]);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const length = view.getUint32(33);
  const packed = new Blob([bytes.slice(41, 41 + length)]).stream()
    .pipeThrough(new DecompressionStream("deflate"));
  const rows = new Uint8Array(await new Response(packed).arrayBuffer());
  return Array.from(
    { length: height },
    (_, y) => [...rows.subarray(y * (width + 1) + 1, (y + 1) * (width + 1))],
  );
}

Deno.test("both protocols are explained, with what was measured on each or a word that it was not", async () => {
  const report = sampleReport();
  const measured = {
    random: { mean: 0.718, sd: 0.032, runs: 3, n: 216 },
    actors: null,
  };
  const text = textOf(await renderReport({ ...report, config: { ...report.config, measured } }));
  assert.match(text, /the figure says little about a new speaker/);
  assert.match(text, /what to expect of a new speaker/);
  assert.match(text, /71\.8 ± 3\.2.%\s\(3 seeds, n.=.216 each\)/);
  assert.match(text, /not measured/);
});
