/**
 * Reverse-mode differentiation: pop the tape, hand every entry the gradients of its outputs, add
 * what it returns to the gradients of its inputs. Broadcasting is undone here and nowhere else.
 * The tape is empty afterwards and all it saved is freed, on a throw too.
 */
import { full } from "./ops/create.ts";
import { add } from "./ops/elementwise.ts";
import { reshape } from "./ops/movement.ts";
import { sum } from "./ops/reduce.ts";
import { formatShape, sameShape, type Shape } from "./shape.ts";
import type { Device } from "./device.ts";
import type { Random } from "./random.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Gradients of a scalar `loss` with respect to every leaf that requires one, added to their `grad`.
 * With `seed`, a tensor of the loss's shape, `loss` may be any tensor: the gradients of Σ seed·loss.
 * Throws where a loss without seed has more than one element, or nothing recorded leads to it.
 */
export function backward(loss: Tensor, seed?: Tensor): void {
  const { device } = loss;
  if (!seed && loss.size !== 1) {
    throw new Error(`backward: the loss must have one element, got ${formatShape(loss.shape)}`);
  }
  if (seed && !sameShape(seed.shape, loss.shape)) {
    throw new Error(
      `backward: shapes of seed and loss differ (${formatShape(seed.shape)} and ${
        formatShape(loss.shape)
      })`,
    );
  }
  if (!loss.tracked) {
    throw new Error("backward: the loss depends on no tensor that requires a gradient");
  }
  if (!device.tape.made(loss.id)) {
    throw new Error("backward: nothing recorded leads to the loss; an earlier backward used it up");
  }
  const grads = new Map<number, Tensor>();
  try {
    device.noGrad(() => {
      const first = seed ? owned(seed) : full(device, loss.shape, 1);
      grads.set(loss.id, device.keep(first));
      unwind(device, grads, 0);
    });
  } finally {
    device.tape.clear();
    for (const g of grads.values()) g.dispose();
  }
}

/** Takes entries off the tape until `length` are left; gradients by tensor go from outputs to inputs. */
function unwind(device: Device, grads: Map<number, Tensor>, length: number): void {
  const { tape } = device;
  while (tape.length > length) {
    const entry = tape.pop()!;
    try {
      const outputs = entry.outputIds.map((id) => grads.get(id) ?? null);
      if (outputs.every((g) => g === null)) continue;
      const { backward, inputs, wants } = entry;
      device.scope(() => {
        backward(outputs).forEach((g, i) => {
          if (g && wants[i]) accumulate(grads, inputs[i], unbroadcast(g, inputs[i].shape));
        });
      });
      for (const id of entry.outputIds) {
        grads.get(id)?.dispose();
        grads.delete(id);
      }
    } finally {
      entry.release();
    }
  }
}

/**
 * `run(x)`, of which the tape keeps nothing but x: the gradient runs it again first (gradient
 * checkpointing, Chen et al. 2016). What `run` draws from `random` it draws again, number for number.
 * Other tensors that `run` uses get gradients if they are leaves, such as weights. Those that may be
 * freed before the gradient is asked for, such as a batch's lengths, are to be `given`: they are held
 * until then, handed to `run` behind x, and get no gradient.
 */
export function checkpoint(
  run: (x: Tensor, ...given: Tensor[]) => Tensor,
  x: Tensor,
  { random, given = [] }: { readonly random?: Random; readonly given?: readonly Tensor[] } = {},
): Tensor {
  const { device } = x;
  const { tape } = device;
  if (!tape.recording) return run(x, ...given);
  if (given.some((t) => t.needsGrad)) {
    throw new Error("checkpoint: what is given beside x gets no gradient, and one is wanted");
  }
  const state = random?.state();
  const [held, ...others] = device.noGrad(() => [x, ...given].map((t) => device.keep(owned(t))));
  const y = device.noGrad(() => device.scope(() => owned(run(x, ...given))));
  y.tracked = true;
  tape.push({
    op: "checkpoint",
    inputs: [x],
    wants: [x.needsGrad],
    outputIds: [y.id],
    backward: ([g]) => {
      const now = random?.state();
      const below = tape.length;
      const again = owned(held);
      again.tracked = true;
      const grads = new Map<number, Tensor>();
      try {
        if (state) random!.restore(state);
        const z = tape.resumed(() => run(again, ...others));
        if (now) random!.restore(now);
        grads.set(z.id, device.keep(owned(g!)));
        unwind(device, grads, below);
        const dx = grads.get(again.id);
        return [dx ? owned(dx) : null];
      } finally {
        for (const g of grads.values()) g.dispose();
      }
    },
    release() {
      for (const t of [held, ...others]) t.dispose();
    },
  });
  return y;
}

/** Sums a gradient over the axes along which its input had been stretched. */
export function unbroadcast(grad: Tensor, shape: Shape): Tensor {
  if (sameShape(grad.shape, shape)) return grad;
  const lead = grad.rank - shape.length;
  const axes = grad.shape.flatMap((d, i) =>
    i < lead || (shape[i - lead] === 1 && d !== 1) ? [i] : []
  );
  return reshape(axes.length > 0 ? sum(grad, { axes }) : grad, shape);
}

function accumulate(grads: Map<number, Tensor>, input: Tensor, grad: Tensor): void {
  const { device } = input;
  if (input.requiresGrad) {
    const total = input.grad ? add(input.grad, grad) : owned(grad);
    input.grad?.dispose();
    input.grad = device.keep(total);
    return;
  }
  const before = grads.get(input.id);
  const total = before ? add(before, grad) : owned(grad);
  before?.dispose();
  grads.set(input.id, device.keep(total));
}

/** A handle of its own: two inputs may receive the very same gradient tensor (as in `a + b`). */
function owned(t: Tensor): Tensor {
  return reshape(t, t.shape);
}
