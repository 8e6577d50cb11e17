/**
 * Ops: what one is (`OpSpec`), and the single path by which all of them run (`Op.apply`): check,
 * allocate, launch, record. An op says what to run as plain data, for each backend, and how its
 * gradient follows from other ops; so every gradient runs on every backend.
 *
 * To add an op: one `defineOp` block in `ops/`, one shader, one AssemblyScript kernel, one row in
 * the op test, one sample in `bench/gradients.ts` if it has a gradient. Tests walk `registry` and
 * fail on an op without them.
 */
import type { CpuCaps, CpuLaunch, GpuCaps, GpuLaunch, Memory } from "./backend.ts";
import { BYTES_PER_ELEMENT, type DType } from "./dtype.ts";
import { type Shape, sizeOf } from "./shape.ts";
import { Storage } from "./storage.ts";
import { Tensor } from "./tensor.ts";

/** What is known of a tensor before it exists. */
export interface TensorSpec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A tensor as a launch sees it. */
export interface Arg extends TensorSpec {
  readonly memory: Memory;
  /** Number of elements. */
  readonly size: number;
}

/** One execution of an op: its arguments, and scratch memory freed when it has been launched. */
export interface Call<A> {
  readonly attrs: A;
  readonly inputs: readonly Arg[];
  readonly outputs: readonly Arg[];
  /** Uninitialised scratch of `elements` 32-bit words. */
  scratch(elements: number): Memory;
}

/** What a gradient may look at: shapes of everything, contents of what `save` named. */
export interface BackwardContext<A> {
  readonly attrs: A;
  readonly inputSpecs: readonly TensorSpec[];
  readonly outputSpecs: readonly TensorSpec[];
  /** Contents of input i; throws unless `save.inputs` lists it. */
  input(i: number): Tensor;
  /** Contents of output i; throws unless `save.outputs` lists it. */
  output(i: number): Tensor;
  /** Whether input i wants a gradient: skip the work where it does not. */
  wants(i: number): boolean;
}

export interface OpSpec<A> {
  readonly name: string;
  /** Checks the inputs and gives the outputs' shapes and types; throws with both shapes named. */
  infer(inputs: readonly TensorSpec[], attrs: A): TensorSpec[];
  cpu(call: Call<A>, caps: CpuCaps): CpuLaunch[];
  gpu(call: Call<A>, caps: GpuCaps): GpuLaunch[];
  /** Whose contents `backward` reads; default none. */
  readonly save?: { readonly inputs?: readonly number[]; readonly outputs?: readonly number[] };
  /** Its inputs may be f16; an op that does not say so is never given one. */
  readonly half?: true;
  /** Inputs the op overwrites (optimiser updates). Such an op has no gradient. */
  readonly mutates?: readonly number[];
  /**
   * Gradients of the inputs from those of the outputs (null where none arrived), composed of ops.
   * `null` instead of a function must be said: the op has no gradient.
   */
  readonly backward:
    | ((
      grads: readonly (Tensor | null)[],
      context: BackwardContext<A>,
    ) => readonly (Tensor | null)[])
    | null;
}

export interface Op<A> extends OpSpec<A> {
  apply(inputs: readonly Tensor[], attrs: A): Tensor[];
}

const ops = new Map<string, OpSpec<never>>();

/** Every op by name, as the op test walks it. */
export const registry: ReadonlyMap<string, OpSpec<never>> = ops;

export function defineOp<A>(spec: OpSpec<A>): Op<A> {
  if (ops.has(spec.name)) throw new Error(`defineOp: ${spec.name} is defined twice`);
  ops.set(spec.name, spec as OpSpec<never>);
  return { ...spec, apply: (inputs, attrs) => apply(spec, inputs, attrs) };
}

/** Runs the op; all outputs, in order. */
function apply<A>(spec: OpSpec<A>, inputs: readonly Tensor[], attrs: A): Tensor[] {
  const device = inputs[0].device;
  for (const t of inputs) {
    if (t.device !== device) {
      throw new Error(
        `${spec.name}: inputs live on different devices (${device.name}, ${t.device.name})`,
      );
    }
  }
  if (!spec.half && inputs.some((t) => t.dtype === "f16")) {
    throw new Error(`${spec.name}: takes no f16; cast it to f32`);
  }
  const outputs = spec.infer(inputs, attrs).map((o) => device.empty(o.shape, o.dtype));
  launch(spec, inputs, outputs, attrs);
  const wants = inputs.map((t) => t.needsGrad);
  if (device.tape.recording && spec.backward !== null && wants.some((w) => w)) {
    record(spec, inputs, outputs, attrs, wants);
  }
  return outputs;
}

function launch<A>(
  spec: OpSpec<A>,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  attrs: A,
): void {
  const { backend } = inputs[0].device;
  const scratches: Storage[] = [];
  const call: Call<A> = {
    attrs,
    inputs: inputs.map(argOf),
    outputs: outputs.map(argOf),
    scratch(elements) {
      const storage = new Storage(backend, Math.max(elements, 1) * BYTES_PER_ELEMENT);
      scratches.push(storage);
      return storage.memory;
    },
  };
  backend.observer?.opBegan(spec.name, inputs, outputs);
  try {
    if (outputs.length > 0 && outputs.every((t) => t.size === 0)) return;
    if (backend.kind === "cpu") {
      for (const l of spec.cpu(call, backend.caps)) backend.run(l);
    } else {
      for (const l of spec.gpu(call, backend.caps)) backend.run(l);
    }
  } finally {
    for (const s of scratches) s.release();
    backend.observer?.opEnded();
  }
}

function argOf(t: Tensor): Arg {
  return { shape: t.shape, dtype: t.dtype, memory: t.storage.memory, size: sizeOf(t.shape) };
}

function record<A>(
  spec: OpSpec<A>,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  attrs: A,
  wants: readonly boolean[],
): void {
  const { tape } = inputs[0].device;
  const savedInputs = share(inputs, spec.save?.inputs);
  const savedOutputs = share(outputs, spec.save?.outputs);
  const context: BackwardContext<A> = {
    attrs,
    inputSpecs: inputs.map(({ shape, dtype }) => ({ shape, dtype })),
    outputSpecs: outputs.map(({ shape, dtype }) => ({ shape, dtype })),
    input: (i) => saved(spec.name, "input", savedInputs, i),
    output: (i) => saved(spec.name, "output", savedOutputs, i),
    wants: (i) => wants[i],
  };
  for (const t of outputs) t.tracked = t.dtype !== "i32";
  tape.push({
    op: spec.name,
    inputs,
    wants,
    outputIds: outputs.map((t) => t.id),
    backward: (grads) => spec.backward!(grads, context),
    release() {
      for (const t of savedInputs.values()) t.dispose();
      for (const t of savedOutputs.values()) t.dispose();
    },
  });
}

/** Second handles on saved tensors, outside every scope: the tape alone decides when they go. */
function share(tensors: readonly Tensor[], which: readonly number[] = []): Map<number, Tensor> {
  return new Map(which.filter((i) => i < tensors.length).map((i) => [i, alias(tensors[i])]));
}

function alias(t: Tensor): Tensor {
  return t.device.keep(new Tensor(t.device, t.storage.retain(), t.shape, t.dtype));
}

function saved(op: string, what: string, tensors: Map<number, Tensor>, i: number): Tensor {
  const t = tensors.get(i);
  if (!t) throw new Error(`${op}: backward reads ${what} ${i}, which \`save\` does not name`);
  return t;
}
