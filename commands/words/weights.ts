/** The words of `weights`. */
import { type Add, type Hooks, withDebug } from "./parts.ts";
import { path, repository } from "./values.ts";

interface Flags {
  revision: string;
  out?: string;
}

export function addWeights(add: Add, { invoke }: Hooks): void {
  const command = add("weights", "Fetch a Wav2Vec2 checkpoint from the Hugging Face Hub.", [
    "deno task weights facebook/wav2vec2-base",
    "deno task weights OWNER/MODEL --revision refs/pr/N --out DIR",
    "HF_TOKEN=hf_… deno task weights OWNER/GATED-MODEL",
  ])
    .usage("NAME [options]")
    .argument("<NAME>", "the model's name, OWNER/MODEL", repository)
    .option("--revision <R>", "a branch, a tag or a commit", path("--revision"), "main")
    .option("--out <DIR>", "folder of the checkpoint (default: weights/NAME)", path("--out"));
  withDebug(command).action((name: string) => {
    invoke({ command: "weights", options: { ...command.opts<Flags>(), name } });
  });
}
