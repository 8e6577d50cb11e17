/** The tour says what is so: outputs are real, links lead somewhere, pictures are those drawn. */
import assert from "node:assert/strict";
import { CHAPTERS } from "../../docs/tour/chapters.ts";
import { pictureFile, PICTURES } from "../../docs/tour/pictures.ts";
import { firstAdapter } from "../engine/devices.ts";

const tour = new URL("../../docs/tour/", import.meta.url);

const read = (name: string) => Deno.readTextFile(new URL(name, tour));

/** The block a chapter shows as its example's output. */
function shownOutput(text: string): string | undefined {
  return /```text\n([\s\S]*?)\n```/.exec(text)?.[1];
}

for (const { name, load } of CHAPTERS) {
  Deno.test(`tour ${name}: the chapter shows what its example prints`, async () => {
    if (name === "webgpu" && !await firstAdapter()) return;
    const lines: string[] = [];
    await (await load()).run((line) => lines.push(line));
    assert.equal(lines.join("\n"), shownOutput(await read(`${name}.md`)));
  });
}

Deno.test("every chapter has its place in the contents, its picture and its maths", async () => {
  const contents = await read("README.md");
  for (const [i, { name, title }] of CHAPTERS.entries()) {
    assert.ok(
      contents.includes(`${i + 1}. [${title}](${name}.md)`),
      `${name}: not in the contents`,
    );
    const text = await read(`${name}.md`);
    assert.ok(text.startsWith(`# ${i + 1}. ${title}\n`), `${name}: heading`);
    assert.ok(text.includes(`](pictures/${name}.svg)`), `${name}: picture`);
    assert.ok(text.includes("```math\n"), `${name}: maths`);
    assert.ok(text.includes(`\ndeno task tour ${name}\n`), `${name}: how to run`);
    const next = CHAPTERS[i + 1];
    if (next) assert.ok(text.includes(`](${next.name}.md)`), `${name}: way to the next`);
  }
});

/** `[words](target)` outside fenced blocks. */
function linksOf(text: string): { words: string; target: string }[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, "");
  return [...prose.matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g)]
    .map(([, words, target]) => ({ words, target }));
}

/** What is wrong with a link; links to the web are taken on trust. */
async function faultOf(page: URL, words: string, target: string): Promise<string | undefined> {
  if (/^https?:/.test(target)) return undefined;
  const file = new URL(target.replace(/#.*/, ""), page);
  const text = await Deno.readTextFile(file).catch(() => null);
  if (text === null) return `${target} does not exist`;
  const name = /^`([\w$]+)`$/.exec(words)?.[1];
  const known = name === undefined || new RegExp(`\\b${name}\\b`).test(text);
  return known ? undefined : `${target} does not name ${name}`;
}

for (const page of ["README.md", ...CHAPTERS.map(({ name }) => `${name}.md`)]) {
  Deno.test(`tour ${page}: every linked file exists and names what is linked in it`, async () => {
    const links = linksOf(await read(page));
    assert.ok(links.length > 4, `only ${links.length} links`);
    for (const { words, target } of links) {
      assert.equal(await faultOf(new URL(page, tour), words, target), undefined);
    }
  });
}

Deno.test("a link to a file that is gone, or to a name that is gone from it, is found", async () => {
  const page = new URL("tape.md", tour);
  assert.deepEqual(linksOf("[`a`](b.ts)\n```ts\n[c](d)\n```\n"), [{
    words: "`a`",
    target: "b.ts",
  }]);
  assert.equal(
    await faultOf(page, "x", "../../engine/none.ts"),
    "../../engine/none.ts does not exist",
  );
  assert.match(await faultOf(page, "`noSuchName`", "../../engine/tape.ts") ?? "", /does not name/);
  assert.equal(await faultOf(page, "`Tape`", "../../engine/tape.ts"), undefined);
});

Deno.test("every file that One training step names exists", async () => {
  const text = await read("../one_training_step.md");
  const paths = [...text.matchAll(/`([a-z_0-9]+\/[\w/]*\.(?:ts|wgsl))`/g)].map(([, path]) => path);
  assert.ok(paths.length > 10, `only ${paths.length} paths`);
  for (const path of paths) {
    assert.ok((await Deno.stat(new URL(`../../${path}`, tour))).isFile, path);
  }
});

Deno.test("pictures are what `deno task docs:pictures` draws", async () => {
  assert.deepEqual(Object.keys(PICTURES).sort(), CHAPTERS.map(({ name }) => name).sort());
  for (const [name, draw] of Object.entries(PICTURES)) {
    assert.equal(await Deno.readTextFile(pictureFile(name)), draw().toString(), name);
  }
});
