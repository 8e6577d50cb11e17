import assert from "node:assert/strict";
import fc from "fast-check";
import { type Invocation, parseArguments } from "../../commands/words/args.ts";
import { UserError } from "../../engine/error.ts";

const parse = (line: string): Invocation => parseArguments(line.split(" "));

function refused(line: string | string[], message: RegExp): void {
  const args = typeof line === "string" ? line.split(" ") : line;
  assert.throws(() => parseArguments(args), (error: unknown) => {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("train without words trains cnn4 on a random split with seed 42", () => {
  assert.deepEqual(parse("train"), {
    command: "train",
    options: {
      system: "cnn4",
      split: "random",
      fold: null,
      seed: 42,
      pretrain: false,
      unvalidated: false,
      device: "auto",
      precision: "f32",
      skipBroken: false,
    },
  });
});

Deno.test("train takes all its options, before or after the system", () => {
  const options = {
    system: "mlp",
    data: "D",
    split: "actors",
    fold: 3,
    seed: 0,
    epochs: 7,
    batch: 16,
    pretrain: false,
    unvalidated: false,
    device: "cpu",
    precision: "f16",
    out: "o",
    skipBroken: true,
  };
  const words = "--data D --split actors --fold 3 --seed 0 --epochs 7 --batch=16 --device cpu " +
    "--precision f16 --out o --skip-broken";
  assert.deepEqual(parse(`train mlp ${words}`), { command: "train", options });
  assert.deepEqual(parse(`train ${words} mlp`), { command: "train", options });
});

Deno.test("the actors split begins with fold 1, and folds belong to it alone", () => {
  const invocation = parse("train --split actors");
  assert.ok(invocation.command === "train" && invocation.options.fold === 1);
  refused("train --fold 2", /--fold goes with --split actors, not with --split random/);
});

Deno.test("networks on images can be augmented, cnn3 pretrained, others neither, and a forest has no epochs", () => {
  const optionsOf = (line: string) => {
    const invocation = parse(line);
    assert.ok(invocation.command === "train");
    return invocation.options;
  };
  assert.equal(optionsOf("train").augment, undefined);
  assert.equal(optionsOf("train --augment").augment, "paper");
  assert.equal(optionsOf("train cnn5 --augment paper").augment, "paper");
  assert.equal(optionsOf("train --augment voice cnn3").augment, "voice");
  assert.equal(optionsOf("train cnn3 --pretrain --epochs 25").pretrain, true);
  refused("train mlp --augment", /^--augment goes with cnn3, cnn4 or cnn5, not with mlp$/);
  refused("train cnn4 --pretrain", /^--pretrain goes with cnn3, not with cnn4$/);
  const networks = "cnn4, .*, cnn-mlp, .* or wav2vec2-small, not with forest$";
  for (const option of ["--epochs", "--batch"]) {
    refused(`train forest ${option} 3`, new RegExp(`^${option} goes with ${networks}`));
  }
  refused("train forest --device gpu", new RegExp(`^--device gpu goes with ${networks}`));
  refused("train forest --precision f16", new RegExp(`^--precision f16 goes with ${networks}`));
  refused("train --precision f8", /^--precision f8: not known; allowed are f32, f16/);
  refused("train mlp --grid g.json", /^--grid goes with forest, not with mlp$/);
  assert.equal(optionsOf("train forest --grid g.json").grid, "g.json");
  refused("train --augment loud", /^--augment loud: not known; allowed are paper, voice/);
  refused("train --resume runs/x --augment", /^--augment cannot be changed with --resume/);
  refused("train --resume runs/x --pretrain", /^--pretrain cannot be changed with --resume/);
});

Deno.test("reproduce takes lists of rows and seeds, each once", () => {
  const optionsOf = (line: string) => {
    const invocation = parse(line);
    assert.ok(invocation.command === "reproduce");
    return invocation.options;
  };
  const usual = {
    quick: false,
    reportOnly: false,
    out: "results",
    device: "auto",
    skipBroken: false,
  };
  assert.deepEqual(optionsOf("reproduce"), usual);
  assert.deepEqual(
    optionsOf("reproduce --data D --systems forest,cnn3-pretrained-25 --seeds 42,7 --split actors"),
    {
      ...usual,
      data: "D",
      systems: ["forest", "cnn3-pretrained-25"],
      seeds: [42, 7],
      split: "actors",
    },
  );
  assert.equal(optionsOf("reproduce --quick --out q").quick, true);
  refused("reproduce --systems mlp,cnn6", /^--systems cnn6: not known; allowed are forest, mlp/);
  refused("reproduce --systems mlp,mlp", /^--systems mlp,mlp: a value stands twice$/);
  refused("reproduce --seeds 1,x", /^--seeds x: expected a whole number/);
  refused("reproduce --split statement", /^--split statement: not known; allowed are random/);
});

Deno.test("the other commands take their words", () => {
  assert.deepEqual(parse("data"), { command: "data", options: { keep: false } });
  assert.deepEqual(parse("data --out D --keep"), {
    command: "data",
    options: { out: "D", keep: true },
  });
  assert.deepEqual(parse("weights facebook/wav2vec2-base --revision refs/pr/11 --out D"), {
    command: "weights",
    options: { name: "facebook/wav2vec2-base", revision: "refs/pr/11", out: "D" },
  });
  assert.deepEqual(parse("weights bare-name"), {
    command: "weights",
    options: { name: "bare-name", revision: "main" },
  });
  assert.deepEqual(parse("evaluate runs/x --data D"), {
    command: "evaluate",
    options: {
      ...{ run: "runs/x", data: "D", robustness: false, json: false },
      ...{ device: "auto", skipBroken: false },
    },
  });
  assert.deepEqual(parse("predict --run runs/x a.wav b.mp3 --json --device gpu:llvm pipe.wav"), {
    command: "predict",
    options: {
      run: "runs/x",
      files: ["a.wav", "b.mp3", "pipe.wav"],
      json: true,
      csv: false,
      device: "gpu:llvm",
    },
  });
  assert.deepEqual(parse("timeline a.wav --html p.html --run runs/x"), {
    command: "timeline",
    options: {
      ...{ file: "a.wav", json: false, csv: false, html: "p.html", run: "runs/x" },
      device: "auto",
    },
  });
  assert.deepEqual(parse("subtitle a.wav s.srt"), {
    command: "subtitle",
    options: {
      ...{ audio: "a.wav", subtitles: "s.srt", inPlace: false },
      ...{ style: "adverb", device: "auto" },
    },
  });
  const marked = parse("subtitle a.wav s.srt --in-place --min-confidence .7 --style emoji");
  assert.ok(marked.command === "subtitle");
  assert.deepEqual(
    [marked.options.inPlace, marked.options.minConfidence, marked.options.style],
    [true, 0.7, "emoji"],
  );
  assert.deepEqual(parse("braille s.srt --brf --page-numbers --out b.brf"), {
    command: "braille",
    options: { file: "s.srt", brf: true, pageNumbers: true, out: "b.brf" },
  });
  assert.deepEqual(parse("listen --rate 8000 --device cpu"), {
    command: "listen",
    options: { rate: 8000, device: "cpu" },
  });
  assert.deepEqual(parse("features D"), {
    command: "features",
    options: { dir: "D", out: "features.csv", json: false, skipBroken: false },
  });
  assert.deepEqual(parse("features D --json --skip-broken"), {
    command: "features",
    options: { dir: "D", out: "features.json", json: true, skipBroken: true },
  });
  assert.deepEqual(parse("devices"), { command: "devices", options: { json: false } });
  assert.deepEqual(parse("devices --json"), { command: "devices", options: { json: true } });
  const plain = { kernels: [], sweep: false, tune: false, device: "auto", precision: "f32" };
  assert.deepEqual(parse("bench"), { command: "bench", options: plain });
  assert.deepEqual(parse("bench fft conv2d --sweep --filter 64 --json b.json --compare a.json"), {
    command: "bench",
    options: {
      ...plain,
      kernels: ["fft", "conv2d"],
      sweep: true,
      filter: "64",
      json: "b.json",
      compare: "a.json",
    },
  });
  assert.deepEqual(parse("bench matmul --size 8x16x32 --html b.html"), {
    command: "bench",
    options: { ...plain, kernels: ["matmul"], size: [8, 16, 32], html: "b.html" },
  });
  assert.deepEqual(parse("bench steps --precision f16"), {
    command: "bench",
    options: { ...plain, kernels: ["steps"], precision: "f16" },
  });
  assert.deepEqual(parse("bench --explain fft --size 4x64"), {
    command: "bench",
    options: { ...plain, explain: "fft", size: [4, 64] },
  });
  assert.deepEqual(parse("bench --tune"), { command: "bench", options: { ...plain, tune: true } });
});

Deno.test("a word or value that is not allowed is told with those that are", () => {
  const cases: [line: string, message: RegExp][] = [
    ["trian", /^unknown command trian; commands are train, .*, trace \(did you mean train\?\)$/],
    [
      "xyzzy",
      /^unknown command xyzzy; commands are train, evaluate, reproduce, predict, embed, timeline, subtitle, braille, listen, features, data, weights, devices, bench, tour, example, gradcheck, trace$/,
    ],
    [
      "train cnn",
      /^system cnn: not known; allowed are cnn4, cnn3, cnn5, mlp, cnn-mlp, .*, forest \(did you mean cnn\d/,
    ],
    ["bench matmull", /^kernel matmull: not known; allowed are matmul, .*did you mean matmul/],
    ["bench --size 8x8", /^--size goes with one kernel/],
    ["bench matmul --size 8xy", /^--size 8xy: expected whole numbers with x between/],
    ["bench --explain adam", /^--explain adam: not known; allowed are matmul, conv2d, softmax/],
    ["bench matmul --explain fft", /^--explain stands alone .* not with kernels: deno task bench/],
    ["bench --explain fft --tune", /^--explain stands alone .* not with --tune:/],
    ["bench --explain fft --html a.html", /^--explain stands alone .* not with --html:/],
    ["bench --explain fft --compare a.json --sweep", /not with --sweep or --compare:/],
    ["bench --explain fft --filter x", /^--explain stands alone .* not with --filter:/],
    ["bench --explain fft --precision f16", /^--explain stands alone .* not with --precision:/],
    ["bench matmul --tune", /^--tune stands alone .* not with kernels: deno task bench --tune$/],
    ["bench --tune --size 8x8", /^--tune stands alone .* not with --size:/],
    ["bench --tune --json a.json", /^--tune stands alone .* not with --json:/],
    ["bench --tune --html a.html --compare a.json", /not with --compare or --html:/],
    ["bench fft --size 2x8 --sweep", /^--size is one size and --sweep powers of two/],
    ["train --epoch 3", /^unknown option --epoch; train takes --data, .*did you mean --epochs/],
    ["train -x", /^unknown option -x; train takes --data/],
    ["--loud", /^unknown option --loud; options are --help$/],
    [
      "train --split actor",
      /^--split actor: .* random, actors, statement, all \(did you mean actors/,
    ],
    ["train --device tpu", /^--device tpu: not known; allowed are auto, gpu, cpu, or gpu:NAME/],
    ["train --device gpu:", /^--device gpu:: not known/],
    ["train --fold 6 --split actors", /^--fold 6: expected a whole number, 1 to 5$/],
    ["train --epochs 0", /^--epochs 0: expected a whole number, 1 or more$/],
    ["train --epochs 1.5", /^--epochs 1\.5: expected/],
    ["train --epochs 1e3", /^--epochs 1e3: expected/],
    ["train --batch -1", /^--batch -1: expected/],
    ["train --seed 4294967296", /^--seed 4294967296: expected a whole number, 0 to 4294967295$/],
    ["train --epochs", /^--epochs needs a value: --epochs <N>$/],
    ["train a b", /^system a: not known|^too many words for train/],
    ["train cnn4 mlp", /^too many words for train: deno task train \[SYSTEM\] \[options\]$/],
    ["evaluate", /^evaluate needs RUN: deno task evaluate RUN \[options\]$/],
    ["predict --json", /^predict needs FILE: deno task predict \[RUN\] FILE… \[options\]$/],
    ["timeline a --json --csv", /^--json and --csv exclude each other$/],
    ["timeline a --csv --html p", /^--csv and --html exclude each other$/],
    ["subtitle a", /^subtitle needs SUBS: deno task subtitle AUDIO SUBS \[options\]$/],
    ["subtitle a s --in-place --out o", /^--out and --in-place exclude each other$/],
    ["predict a.wav --json --csv", /^--json and --csv exclude each other/],
    ["subtitle a s --min-confidence 1.1", /^--min-confidence 1\.1: expected a number from 0 to 1/],
    ["subtitle a s --min-confidence 50%", /^--min-confidence 50%: expected a number/],
    ["subtitle a s --style smiley", /^--style smiley: not known; allowed are adverb, noun, emoji/],
    ["braille", /^braille needs FILE: deno task braille FILE \[options\]$/],
    ["braille s --page-numbers", /^--page-numbers goes with --brf$/],
    ["listen --rate 10", /^--rate 10: expected a whole number, 2000 to 384000$/],
    ["listen a.wav", /^too many words for listen/],
    ["features", /^features needs DIR: deno task features DIR \[options\]$/],
    ["features D --out", /^--out needs a value: --out <FILE>$/],
    ["data D", /^too many words for data: deno task data \[options\]$/],
    ["data --out", /^--out needs a value: --out <DIR>$/],
    ["weights", /^weights needs NAME: deno task weights NAME \[options\]$/],
    ["weights a/b/c", /^NAME a\/b\/c: expected the name of a model, such as facebook/],
    ["weights ../x", /^NAME \.\.\/x: expected the name of a model/],
    ["weights https://huggingface.co/a/b", /^NAME https/],
    ["devices x", /^too many words for devices/],
  ];
  for (const [line, message] of cases) refused(line, message);
  refused([], /^no command was given; commands are train/);
  refused(["train", "--data", ""], /^--data: expected a path, got nothing$/);
  refused(["predict", "r", ""], /^FILE 2: expected a path/);
});

Deno.test("a resumed run keeps what it began with", () => {
  const invocation = parse("train --resume runs/x --epochs 9 --data D --device cpu --skip-broken");
  assert.ok(invocation.command === "train" && invocation.options.resume === "runs/x");
  refused("train --resume runs/x --seed 42", /^--seed cannot be changed with --resume/);
  refused("train --resume runs/x --split random", /^--split cannot/);
  refused("train mlp --resume runs/x", /^SYSTEM cannot/);
});

Deno.test("every command explains itself with an example, whatever else is said", () => {
  for (
    const command
      of "train evaluate reproduce predict timeline subtitle braille features data weights devices bench"
        .split(" ")
  ) {
    for (const flag of ["--help", "-h"]) {
      const help = parse(`${command} ${flag}`);
      assert.ok(help.command === "help");
      assert.match(help.text, new RegExp(`^Usage: deno task ${command}`));
      assert.match(help.text, new RegExp(`Examples:\n  deno task ${command}`));
    }
  }
  const listen = parse("listen --help");
  assert.ok(listen.command === "help");
  for (const source of ["arecord ", "ffmpeg "]) assert.ok(listen.text.includes(`\n  ${source}`));
  const all = parse("--help");
  assert.ok(all.command === "help");
  for (const word of ["train [SYSTEM]", "evaluate RUN", "predict [RUN] FILE…", "bench [KERNEL…]"]) {
    assert.ok(all.text.includes(`  ${word} `), word);
  }
});

Deno.test("help is no wider than the terminal", () => {
  for (const columns of [66, 100]) {
    const help = parseArguments(["train", "--help"], { columns });
    assert.ok(help.command === "help");
    for (const line of help.text.split("\n")) assert.ok(line.length <= columns, line);
  }
});

Deno.test("no line of words ends in anything but an invocation or a UserError", () => {
  const word = fc.oneof(
    fc.constantFrom(
      ..."train evaluate reproduce predict timeline subtitle braille listen features data weights devices bench cnn4 --data --fold --seed --resume --json -- -h 3 --split=actors"
        .split(" "),
    ),
    fc.string(),
  );
  fc.assert(fc.property(fc.array(word, { maxLength: 6 }), (args) => {
    try {
      assert.ok(parseArguments(args).command);
    } catch (error) {
      assert.ok(error instanceof UserError, String(error));
    }
  }));
});
