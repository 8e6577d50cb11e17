/** A training recipe, as plain data that a run folder can hold. */
export interface Recipe {
  /** At most so many passes over the training set. */
  readonly epochs: number;
  readonly batch: number;
  /** Adam's step size. */
  readonly learningRate: number;
  /** L2 weight decay, added to the gradient as torch.optim.Adam does. */
  readonly weightDecay: number;
  /** Gradients are scaled to this global norm at most; null: not clipped. */
  readonly clipNorm: number | null;
  /** ReduceLROnPlateau on the validation loss; null: constant rate. */
  readonly plateau: { readonly factor: number; readonly patience: number } | null;
  /** Early stopping: epochs without a lower validation loss. */
  readonly patience: number;
  readonly labelSmoothing: number;
}
