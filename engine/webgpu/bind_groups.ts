/**
 * Bind groups by layout and buffers. Making one costs more than recording a dispatch, and a
 * training step binds the same buffers in the same places as the one before, since the pool hands
 * them out in a fixed order. Slot ids are never used twice, so a group cannot name a wrong buffer.
 */
import type { Faults } from "./faults.ts";
import type { Pipeline } from "./pipelines.ts";
import type { Slot } from "./pool.ts";

const CAPACITY = 4096;

export class BindGroups {
  readonly #device: GPUDevice;
  readonly #faults: Faults;
  readonly #groups = new Map<string, GPUBindGroup>();
  /** How many were made: grows no more once a program repeats itself. */
  made = 0;

  constructor(device: GPUDevice, faults: Faults) {
    this.#device = device;
    this.#faults = faults;
  }

  /** Throws where the shader binds another number of buffers, or writes one that is bound twice. */
  get(pipeline: Pipeline, slots: readonly Slot[]): GPUBindGroup {
    let key = `${pipeline.layoutId}`;
    for (const { id } of slots) key += `,${id}`;
    const known = this.#groups.get(key);
    if (known) return known;
    const { name, storages } = pipeline.source;
    if (slots.length !== storages.length) {
      throw new Error(`${name}: binds ${storages.length} buffers, got ${slots.length}`);
    }
    slots.forEach((slot, i) => {
      const writes = storages[i] === "storage";
      if (writes && slots.some((other, j) => j !== i && other === slot)) {
        throw new Error(`${name}: binding ${i} is written, and the same buffer is bound twice`);
      }
    });
    const group = this.#faults.guard(
      "validation",
      (message) => new Error(`WebGPU: binding the buffers of ${name}: ${message}`),
      () =>
        this.#device.createBindGroup({
          label: name,
          layout: pipeline.layout,
          entries: slots.map(({ buffer }, binding) => ({ binding, resource: { buffer } })),
        }),
    );
    if (this.#groups.size >= CAPACITY) {
      const [oldest] = this.#groups.keys();
      this.#groups.delete(oldest);
    }
    this.#groups.set(key, group);
    this.made++;
    return group;
  }
}
