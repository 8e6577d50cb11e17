/**
 * Pipelines, compiled once for a shader, entry point and set of constants. Layouts are explicit
 * and come from the shader's own declarations, so that unused bindings stay bound.
 */
import type { Faults } from "./faults.ts";
import { type ShaderSource, shaderSource } from "./shaders.ts";

export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  /** Equal for pipelines that share a layout. */
  readonly layoutId: number;
  readonly source: ShaderSource;
}

interface Layout {
  readonly id: number;
  readonly layout: GPUBindGroupLayout;
}

export class Pipelines {
  readonly #device: GPUDevice;
  readonly #faults: Faults;
  readonly #find: (name: string) => ShaderSource;
  readonly #modules = new Map<string, GPUShaderModule>();
  readonly #layouts = new Map<string, Layout>();
  readonly #pipelines = new Map<string, Pipeline>();
  readonly paramsLayout: GPUBindGroupLayout;

  /** `find` gives a shader by name. */
  constructor(device: GPUDevice, faults: Faults, find = shaderSource) {
    this.#device = device;
    this.#faults = faults;
    this.#find = find;
    this.paramsLayout = device.createBindGroupLayout({
      entries: [{
        binding: 0,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: "uniform", hasDynamicOffset: true },
      }],
    });
  }

  get(name: string, entry = "main", constants: Readonly<Record<string, number>> = {}): Pipeline {
    let key = `${name}/${entry}`;
    for (const constant in constants) key += `/${constant}=${constants[constant]}`;
    const known = this.#pipelines.get(key);
    if (known) return known;
    const made = this.#compile(this.#find(name), entry, constants, key);
    this.#pipelines.set(key, made);
    return made;
  }

  /** Compiles shader text; what is wrong with it is thrown by the backend's next call. */
  #compile(
    source: ShaderSource,
    entry: string,
    constants: Readonly<Record<string, number>>,
    label: string,
  ): Pipeline {
    const { id, layout } = this.#layout(source);
    let module: GPUShaderModule | undefined;
    const pipeline = this.#faults.guard(
      "validation",
      (message) => describeFailure(label, source, message, module),
      () => {
        module = this.#module(source);
        return this.#device.createComputePipeline({
          label,
          layout: this.#device.createPipelineLayout({
            bindGroupLayouts: source.hasParams ? [layout, this.paramsLayout] : [layout],
          }),
          compute: { module, entryPoint: entry, constants: { ...constants } },
        });
      },
    );
    return { pipeline, layout, layoutId: id, source };
  }

  #layout(source: ShaderSource): Layout {
    const key = source.storages.join();
    const known = this.#layouts.get(key);
    if (known) return known;
    const layout = this.#device.createBindGroupLayout({
      entries: source.storages.map((type, binding) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type },
      })),
    });
    const made = { id: this.#layouts.size, layout };
    this.#layouts.set(key, made);
    return made;
  }

  #module(source: ShaderSource): GPUShaderModule {
    const known = this.#modules.get(source.name);
    if (known) return known;
    const made = this.#device.createShaderModule({ label: source.name, code: source.code });
    this.#modules.set(source.name, made);
    return made;
  }
}

/** What is wrong, with the numbered lines around each complaint of the compiler. */
async function describeFailure(
  label: string,
  source: ShaderSource,
  message: string,
  module: GPUShaderModule | undefined,
): Promise<Error> {
  const info = await module?.getCompilationInfo();
  const errors = info?.messages.filter((m) => m.type === "error") ?? [];
  if (errors.length === 0) return new Error(`shader ${label}: ${message}`);
  const lines = source.code.split("\n");
  const excerpts = errors.map(({ lineNum, message }) => {
    const first = Math.max(1, lineNum - 3);
    const around = lines.slice(first - 1, lineNum + 2).map((line, i) => {
      const number = first + i;
      return `${number === lineNum ? ">" : " "}${String(number).padStart(4)}  ${line}`;
    });
    return `line ${lineNum}: ${message.trim()}\n${around.join("\n")}`;
  });
  return new Error(`shader ${label} does not compile\n${excerpts.join("\n")}`);
}
