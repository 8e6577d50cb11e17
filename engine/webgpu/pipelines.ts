/**
 * Pipelines, compiled once for a shader, entry point and set of constants. Layouts are explicit
 * and come from the shader's own declarations, so that unused bindings stay bound.
 */
import { type ShaderSource, shaderSource } from "./shaders.ts";

export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly source: ShaderSource;
}

export class Pipelines {
  readonly #device: GPUDevice;
  readonly #modules = new Map<string, GPUShaderModule>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  readonly #pipelines = new Map<string, Pipeline>();
  readonly paramsLayout: GPUBindGroupLayout;

  constructor(device: GPUDevice) {
    this.#device = device;
    this.paramsLayout = device.createBindGroupLayout({
      entries: [{
        binding: 0,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: "uniform", hasDynamicOffset: true },
      }],
    });
  }

  get(name: string, entry = "main", constants: Readonly<Record<string, number>> = {}): Pipeline {
    const key = `${name}/${entry}/${Object.entries(constants).map(([k, v]) => `${k}=${v}`).join()}`;
    const known = this.#pipelines.get(key);
    if (known) return known;
    const source = shaderSource(name);
    const layout = this.#layout(source);
    const made = {
      source,
      layout,
      pipeline: this.#device.createComputePipeline({
        label: key,
        layout: this.#device.createPipelineLayout({
          bindGroupLayouts: source.hasParams ? [layout, this.paramsLayout] : [layout],
        }),
        compute: { module: this.#module(source), entryPoint: entry, constants: { ...constants } },
      }),
    };
    this.#pipelines.set(key, made);
    return made;
  }

  #layout(source: ShaderSource): GPUBindGroupLayout {
    const key = source.storages.join();
    const known = this.#layouts.get(key);
    if (known) return known;
    const made = this.#device.createBindGroupLayout({
      entries: source.storages.map((type, binding) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type },
      })),
    });
    this.#layouts.set(key, made);
    return made;
  }

  #module(source: ShaderSource): GPUShaderModule {
    const known = this.#modules.get(source.name);
    if (known) return known;
    const made = this.#device.createShaderModule({ label: source.name, code: source.code });
    this.#modules.set(source.name, made);
    void made.getCompilationInfo().then(({ messages }) => {
      const errors = messages.filter((m) => m.type === "error");
      if (errors.length === 0) return;
      const lines = source.code.split("\n").map((l, i) => `${String(i + 1).padStart(4)}  ${l}`);
      console.error(`shader ${source.name}:\n${lines.join("\n")}`);
      for (const m of errors) console.error(`line ${m.lineNum}: ${m.message}`);
    });
    return made;
  }
}
