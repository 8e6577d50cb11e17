/**
 * `report.html`: one file that needs no network and no script, readable in light, dark and print.
 * It shows what a `RunReport` holds and adds no figure of its own but average precision.
 */
import { comparisonChart, confusionChart, historyChart } from "./charts.ts";
import { curvesSection } from "./html_curves.ts";
import { htmlPage } from "./html_page.ts";
import { figure, syntheticTag } from "./html_parts.ts";
import { forestSection } from "./html_forest.ts";
import { pretrainingSection } from "./html_pretraining.ts";
import { type Markup, markup } from "./markup.ts";
import { drawSvg } from "./svg.ts";
import type { ClassMetrics } from "./metrics.ts";
import type { RunReport } from "./types.ts";
import { count, counted, duration, fixed, percent } from "./words.ts";
import {
  confidenceRows,
  measuredWords,
  precisionRows,
  protocolMeaning,
  protocolTitle,
  settingWords,
  SYNTHETIC_MEANING,
  systemTitle,
} from "./words.ts";

/** The whole page. `run` may hold any text anywhere: all of it is escaped. */
export async function renderReport(run: RunReport): Promise<string> {
  const { config } = run;
  const title = `${systemTitle(config)} on ${corpusName(run)}`;
  const tested = run.metrics.test.n > 0;
  const sections = [
    tested
      ? await summary(run)
      : markup`<section><p>${protocolMeaning(config.protocol)}</p></section>`,
    await learning(run),
    await pretrainingSection(run),
    await forestSection(run),
    ...(tested ? [await confusion(run), classTable(run)] : []),
    protocols(run),
    ...(tested
      ? [await curvesSection(run, "roc"), await curvesSection(run, "precisionRecall")]
      : []),
    configuration(run),
  ];
  const page = htmlPage({
    title,
    over: "Timbre · training report",
    under: markup`<div class="quiet">${protocolTitle(config)} · seed ${config.seed} · ${
      day(config.started)
    }</div>
${
      config.synthetic
        ? markup`<p class="synthetic"><strong>Synthetic.</strong> ${SYNTHETIC_MEANING}</p>`
        : null
    }${
      config.fineTuning?.caution
        ? markup`<p class="synthetic"><strong>Take care.</strong> ${config.fineTuning.caution}</p>`
        : null
    }`,
    main: sections,
    footer: footer(),
    pictures: true,
  });
  return page.replace(/\bn = (?=\d)/g, "n\u00a0=\u00a0");
}

async function summary(run: RunReport): Promise<Markup> {
  const { config, metrics } = run;
  const { test } = metrics;
  const hits = test.confusion.reduce((sum, row, i) => sum + row[i], 0);
  const number = test.accuracy === null ? "–" : (100 * test.accuracy).toFixed(1);
  const drawing = await drawSvg(
    comparisonChart(test, config),
    `Accuracy of this run: ${percent(test.accuracy)}`,
  );
  const facts: [name: string, value: string][] = [
    ["UAR", percent(test.uar)],
    ["macro F1", fixed(test.macroF1)],
    ["AUC", fixed(test.auc)],
    ["test clips", count(test.n)],
    ["trained in", duration(metrics.seconds)],
  ];
  return markup`<section>
<div class="summary">
<div>
<div class="headline">${number}<small> %</small></div>
<p>of test clips recognised correctly${
    test.ci95 === null
      ? null
      : markup`<br><span class="quiet">95 % interval ${interval(test.ci95)}</span>`
  }</p>
</div>
${
    figure(drawing, {
      caption: "Accuracy on test clips, with Wilson's 95 % interval.",
      synthetic: config.synthetic,
    })
  }
</div>
<p>${`${count(hits)} of ${counted(test.n, "test clip")} were recognised correctly.`} ${
    protocolMeaning(config.protocol)
  }</p>
${paperWords(run)}
<dl class="stats">${
    facts.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)
  }</dl>
</section>
`;
}

/** Both protocols in words, and what this project measured with the system on each. */
function protocols({ config: { measured, protocol } }: RunReport): Markup {
  const rows = (["random", "actors"] as const).map((p) => {
    const figure = measured?.[p] ?? null;
    return markup`<tr><th scope="row">${protocolTitle({ protocol: p, fold: null })}${
      p === protocol ? markup`<br><span class="quiet">this run</span>` : null
    }</th><td>${protocolMeaning(p)}</td><td>${
      figure ? measuredWords(p, figure) : "not measured"
    }</td></tr>`;
  });
  return markup`<section>
<h2>Two protocols, two questions</h2>
<p class="quiet">The same recipe on RAVDESS, as this project measured it: mean accuracy and deviation over runs.</p>
<table class="protocols">
<thead><tr><th scope="col">split</th><th scope="col">what its figures say</th><th scope="col">this system on RAVDESS</th></tr></thead>
<tbody>${rows}</tbody>
</table>
</section>
`;
}

/** What the paper reports, and whether this run can be held against it. */
function paperWords({ config }: RunReport): Markup | null {
  const { paper, protocol, synthetic } = config;
  if (paper === null) return null;
  const clips = paper.n === null ? "" : `, n = ${count(paper.n)}`;
  const around = paper.ci95 === null ? "" : `, 95 % interval ${interval(paper.ci95)}`;
  const differs = synthetic
    ? " This run heard other voices, so the two cannot be compared."
    : protocol === "random"
    ? ""
    : " This run's protocol is a harder one, so the two cannot be compared.";
  return markup`<p>The paper reports ${percent(paper.accuracy, 2)} for ${
    systemTitle(config)
  } on RAVDESS with a random split by clip${clips}${around}.${differs}</p>`;
}

async function learning(run: RunReport): Promise<Markup> {
  const { history, metrics: { bestEpoch, epochs } } = run;
  if (history.length === 0) return markup``;
  const validated = history.some(({ validationLoss, validationAccuracy }) =>
    validationLoss !== null || validationAccuracy !== null
  );
  const legend = markup`<i class="series second"></i>training${
    validated ? markup`<i class="series"></i>validation` : null
  }`;
  const draw = async (measure: "loss" | "accuracy") => {
    const drawing = await drawSvg(
      historyChart(history, { measure, bestEpoch }),
      `${measure} over ${epochs} epochs`,
    );
    const caption = markup`${measure === "loss" ? "Loss" : "Accuracy"}:${legend}`;
    return figure(drawing, { caption, synthetic: run.config.synthetic });
  };
  const kept = bestEpoch === null
    ? ""
    : ` The weights of epoch ${bestEpoch} were kept${
      validated ? ", chosen on validation clips alone" : ""
    }.`;
  return markup`<section>
<h2>Learning</h2>
<p class="quiet">${`${counted(epochs, "epoch")} of ${
    duration(run.metrics.secondsPerEpoch)
  }.${kept}`}</p>
<div class="pair">${[await draw("loss"), await draw("accuracy")]}</div>
</section>
`;
}

async function confusion(run: RunReport): Promise<Markup> {
  const { test } = run.metrics;
  const drawing = await drawSvg(confusionChart(test), "Confusion matrix of the test clips");
  return markup`<section>
<h2>Confusion matrix</h2>
<p class="quiet">Each row is what was spoken, each column what it was taken for; the shade is the share of the row.</p>
${
    figure(drawing, {
      caption: "Test clips, all of them; the diagonal is correct.",
      synthetic: run.config.synthetic,
      place: "centre",
    })
  }
</section>
`;
}

function classTable({ metrics: { test }, config }: RunReport): Markup {
  const row = (c: ClassMetrics) =>
    markup`<tr><th scope="row">${c.label}</th><td>${percent(c.precision)}</td><td>${
      percent(c.recall)
    }</td><td>${withBar(c.f1)}</td><td>${fixed(c.auc)}</td><td>${count(c.support)}</td></tr>
`;
  const heads = ["class", "precision", "recall", "F1", "AUC", "clips"];
  return markup`<section>
<h2>Class by class</h2>
${config.synthetic ? markup`<p>${syntheticTag(config.synthetic)}</p>` : null}
<div class="scroll"><table>
<thead><tr>${heads.map((head) => markup`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>
${test.perClass.map(row)}</tbody>
<tfoot><tr><th scope="row">mean, total</th><td></td><td>${percent(test.uar)}</td><td>${
    withBar(test.macroF1)
  }</td><td>${fixed(test.auc)}</td><td>${count(test.n)}</td></tr></tfoot>
</table></div>
</section>
`;
}

function withBar(f1: number | null): Markup {
  const share = `${((f1 ?? 0) * 100).toFixed(1)}%`;
  return markup`${fixed(f1, 2)}<span class="bar" style="--share:${share}"></span>`;
}

function configuration(run: RunReport): Markup {
  const { config, metrics } = run;
  const { clips, notes } = config.corpus;
  const validation = metrics.validation;
  const rows: [name: string, value: string][] = [
    ["system", systemTitle(config)],
    ["corpus", corpusName(run)],
    ["split", config.split],
    [
      "clips",
      `${count(clips.train)} to train, ${count(clips.validation)} to validate, ${
        count(clips.test)
      } to test`,
    ],
    ...notes.map((note): [string, string] => ["note", note]),
    ["seed", String(config.seed)],
    ["device", metrics.device],
    ...precisionRows(metrics),
    ...(metrics.epochs === 0 ? [] : [
      ["epochs", `${metrics.epochs}, ${duration(metrics.secondsPerEpoch)} each`] as [
        string,
        string,
      ],
    ]),
    ["time", duration(metrics.seconds)],
    [
      "peak memory",
      metrics.peakMemoryMB === null ? "–" : `${count(Math.round(metrics.peakMemoryMB))} MB`,
    ],
    [
      "validation",
      validation === null
        ? "none"
        : `accuracy ${percent(validation.accuracy)}, loss ${fixed(validation.loss)}, n = ${
          count(validation.n)
        }`,
    ],
    ...confidenceRows(metrics),
    ...Object.entries(config.settings).map((
      [name, value],
    ): [string, string] => [name, settingWords(value)]),
  ];
  return markup`<section>
<h2>How it was trained</h2>
<dl class="facts">
${rows.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>
</section>
`;
}

function footer(): Markup {
  return markup`<footer>
<p><b>Accuracy</b> is the share of test clips recognised correctly. Its <b>95 % interval</b> (Wilson) says how far chance in drawing so many clips can move it; it says nothing of other speakers or recordings. <b>UAR</b> is the mean of the classes' recalls, each class counting the same. <b>F1</b> is the harmonic mean of precision and recall; <b>macro</b> is the plain mean over classes. <b>AUC</b> is the chance that a clip of the class is scored above one of another, 0.5 being a guess; <b>AP</b> is precision averaged over recall.</p>
<p><b>Confidence</b>: logits are divided by a temperature fitted on validation clips; the calibration error is the mean distance between confidence and share of hits, over 15 bins of confidence.</p>
<p>The test clips were looked at once, when training had ended.</p>
</footer>`;
}

function corpusName({ config: { synthetic, corpus } }: RunReport): string {
  return synthetic ? "the synthetic corpus" : corpus.name;
}

function interval([low, high]: readonly [number, number]): string {
  return `${(100 * low).toFixed(1)} to ${percent(high)}`;
}

const MONTHS =
  "January February March April May June July August September October November December"
    .split(" ");

/** `31 January 2026, 17:45`, or the text itself where it is no time. */
function day(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const two = (n: number) => String(n).padStart(2, "0");
  return `${time.getDate()} ${MONTHS[time.getMonth()]} ${time.getFullYear()}, ` +
    `${two(time.getHours())}:${two(time.getMinutes())}`;
}
