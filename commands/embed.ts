/**
 * `embed`: a checkpoint's hidden states of recordings, averaged over time or frame by frame, in order
 * of layers as transformers number them, and on standard error what was loaded of the checkpoint. It
 * opens strangers' files, so its task runs with WebAssembly's bounds checks on, and decodes in process.
 */
import type { Device } from "../engine/device.ts";
import { UserError } from "../engine/error.ts";
import { encodeSafetensors } from "../engine/io/safetensors.ts";
import type { Sequences } from "../engine/nn/sequences.ts";
import { openDevice } from "../engine/open.ts";
import { Random } from "../engine/random.ts";
import type { Tensor } from "../engine/tensor.ts";
import { readAudio } from "../features/audio.ts";
import type { CompressedDecoder } from "../features/decoder.ts";
import { FeatureEngine } from "../features/feature_engine.ts";
import { openCheckpoint } from "../models/wav2vec2/checkpoint.ts";
import { receptiveField } from "../models/wav2vec2/feature_encoder.ts";
import type { Wav2Vec2Model } from "../models/wav2vec2/model.ts";
import { loadBackbone } from "../models/wav2vec2/load.ts";
import { loadReport } from "../models/wav2vec2/load_report.ts";
import { average } from "../models/wav2vec2/sequences.ts";
import { waveformRows } from "../models/wav2vec2/waveforms.ts";
import { counted } from "../report/words.ts";
import type { Answer } from "./confined_answer.ts";
import type { EmbedOptions } from "./words/options.ts";

interface Embedding {
  readonly file: string;
  /** `[H]`, or `[frames, H]`. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export async function embed(
  options: EmbedOptions,
  decoder: CompressedDecoder,
): Promise<Answer> {
  const { files, layer } = options;
  using device = await openDevice(options.device);
  const { backbone, report, ...prepared } = await open(options, device);
  using engine = await FeatureEngine.open();
  const found: Embedding[] = [];
  const broken: string[] = [];
  for (const file of files) {
    try {
      const samples = await engine.compute("waveform", await readAudio(file, decoder));
      const clips = waveformRows(device, [samples], prepared);
      const states = device.noGrad(() =>
        device.scope(() => {
          const all = statesOf(backbone, clips.at(Int32Array.of(0)), layer);
          return options.frames ? all.values : average(all);
        })
      );
      const values = await states.data() as Float32Array;
      const shape = options.frames ? states.shape.slice(1) : [values.length];
      states.dispose();
      found.push({ file, shape, values });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      broken.push(error.message);
    }
  }
  const { content, said } = show(found, { ...options, width: backbone.hiddenSize });
  const wrong = broken.map((line) => `timbre: ${line}`);
  return {
    content,
    said: [...report, ...said === undefined ? [] : [said], ...wrong].join("\n"),
    ...(broken.length > 0 && {
      problem: `${broken.length} of ${counted(files.length, "file")} could not be read`,
    }),
  };
}

/** The checkpoint's backbone, and how it wants its clips. */
async function open({ weights: folder, layer }: EmbedOptions, device: Device) {
  const checkpoint = await openCheckpoint(folder);
  const { config, preprocessor, weights } = checkpoint;
  try {
    const last = config.numHiddenLayers;
    if (layer !== undefined && layer > last) {
      throw new UserError(`--layer ${layer}: ${folder} has ${last} layers, so 0 to ${last}`);
    }
    const { backbone, match } = await loadBackbone(
      { device, random: Random.of(0, "weights") },
      checkpoint,
    );
    backbone.freeze().train(false);
    const { doNormalize } = preprocessor;
    return { backbone, report: loadReport(match), doNormalize, least: receptiveField(config) };
  } finally {
    weights.close();
  }
}

/** Hidden state `layer`, or what the network gives in the end. */
function statesOf(backbone: Wav2Vec2Model, x: Sequences, layer: number | undefined): Sequences {
  let wanted: Tensor | undefined;
  const end = backbone.run(x, {
    to: layer,
    onHidden: (values, k) => {
      if (k === layer) wanted = values; // before the layer norm behind the last layer
    },
  });
  return { ...end, values: wanted ?? end.values };
}

function show(
  found: readonly Embedding[],
  { out, json, frames, layer, width }: EmbedOptions & { readonly width: number },
): Pick<Answer, "content" | "said"> {
  const which = layer === undefined ? "output" : `hidden state ${layer}`;
  const what = `${which}, ${frames ? "frame by frame" : "averaged over time"}`;
  if (json) {
    const files = found.map(({ file, shape, values }) => ({
      file,
      shape,
      values: rowsOf(values, shape),
    }));
    return { content: `${JSON.stringify({ what, files })}\n` };
  }
  if (out !== undefined) {
    const tensors = new Map(found.map(({ file, shape, values }) => [
      file,
      { dtype: "F32" as const, shape, data: values },
    ]));
    return {
      content: encodeSafetensors(tensors, { what }),
      said: `${out}: ${counted(found.length, "tensor")} of width ${width}, ${what}`,
    };
  }
  const lines = found.map(({ file, shape, values }) => {
    const first = Array.from(values.subarray(0, 4), (x) => x.toFixed(4)).join(" ");
    return `${file}  ${shape.join(" × ")}  ${first} …\n`;
  });
  return {
    content: lines.join(""),
    said: `${what}; --json prints every value, --out FILE.safetensors writes them`,
  };
}

/** Values as lists of the shape, `[H]` or `[frames, H]`. */
function rowsOf(values: Float32Array, shape: readonly number[]): number[] | number[][] {
  if (shape.length === 1) return Array.from(values);
  const [rows, width] = shape;
  return Array.from(
    { length: rows },
    (_, i) => Array.from(values.subarray(i * width, (i + 1) * width)),
  );
}
