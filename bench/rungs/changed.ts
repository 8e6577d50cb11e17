/**
 * What changed from the rung before to the kernels of the engine itself, whose heads say what they are for and
 * not where they come from. By file, as ladders name them; a ladder's own files say it in their heads.
 */
export const CHANGED: Readonly<Record<string, string>> = {
  "engine/cpu/kernels/matmul.ts":
    "What changed: both operands are packed first, in the order in which they are read, and 6 rows by 16 columns " +
    "stay in registers, a slice of k at a time. Why it should help: every read goes on where the last one ended, " +
    "the slices stay in the caches, and a turn's 22 floats meet 96 multiply-adds.",
  "shaders/matmul.wgsl":
    "What changed: no workgroup memory and no barriers; a thread keeps 4 by 8 sums in registers. Why it should " +
    "help: 12 floats read meet 32 multiply-adds, and on a software adapter a barrier stops the program that " +
    "plays all threads of a workgroup.",
  "shaders/matmul_tiled.wgsl":
    "What changed: the registers of the rung before over the tiles of the second rung, 4×4 sums a thread and " +
    "64×64 a workgroup, read in vec4s. Why it should help on a GPU: a float fetched serves 64 multiply-adds in " +
    "place of 16, and 8 reads of workgroup memory serve 64 in place of 4.",
  "shaders/matmul_wide.wgsl":
    "What changed: 8×8 sums a thread, and whole vec4s read and written. Why it should help: 16 vec4s read from " +
    "workgroup memory meet 256 multiply-adds, where 8 met 64. What it costs: registers; where they are scarce they " +
    "spill.",
  "engine/cpu/kernels/conv.ts":
    "What changed: matmul's microkernel takes 6 outputs by 16 positions in registers, its columns read from a " +
    "copy of the image with its border. Why it should help: sums never leave the registers, and the unfolded " +
    "image, nine times the input, is never written.",
  "engine/cpu/kernels/winograd.ts":
    "What changed: 4×4 outputs together, through weighted sums of inputs and of weights. Why it should help: 36 " +
    "multiplications in place of 144; the additions around them are shared by all channels of the other side, so " +
    "that many channels gain most.",
  "shaders/conv.wgsl":
    "What changed: nothing is unfolded; a thread keeps 4 outputs by 4 positions in registers. Why it should " +
    "help: an input read serves 4 outputs and a weight 4 positions, and there is one dispatch.",
  "shaders/conv_tiled.wgsl":
    "What changed: the product of weights and unfolded image once more, but of tiles that are unfolded into " +
    "workgroup memory alone, 4×4 sums a thread. Why it should help on a GPU: what is fetched once serves a whole " +
    "workgroup, without the ninefold traffic, and 8 vec4s read from workgroup memory meet 64 multiply-adds.",
  "shaders/common/tile_product.wgsl":
    "What changed: 8×8 sums a thread. Why it should help: 16 vec4s meet 256 multiply-adds, and there are half as " +
    "many inputs and weights to find a sum. What it costs: twice the registers, and a quarter of the threads, so " +
    "that a small convolution leaves parts of a GPU idle.",
  "engine/cpu/kernels/softmax.ts":
    "What changed: three loops again, each over four numbers an instruction, the exponential a polynomial. Why " +
    "it should help: exponentials are the cost; they are computed once, four at a time, and kept in the output.",
  "shaders/softmax.wgsl":
    "What changed: three loops again, and a row is shared by as many threads as suit it: one, or a workgroup that " +
    "gathers maximum and sum through its memory. Why it should help: a workgroup's threads read neighbouring " +
    "numbers, and long rows are shared; short rows would leave threads idle, and a software adapter plays the " +
    "threads of a workgroup one after the other.",
  "engine/cpu/kernels/fft.ts":
    "What changed: radix 4, four numbers an instruction, and N real points as N/2 complex ones. Why it should " +
    "help: half the passes over the data, and half the data.",
  "shaders/fft_pass.wgsl":
    "What changed: radix 4, and N real points as N/2 complex ones. Why it should help: half the passes, each " +
    "over half the data; it is memory that they wait for.",
  "shaders/fft_workgroup.wgsl":
    "What changed: one dispatch, all passes within a workgroup. Why it should help: the batch is read and " +
    "written once; between passes it lies in workgroup memory.",
  "engine/cpu/kernels/attention.ts":
    "What changed: 16 queries at a time through matmul's microkernel, with keys and values packed. Why it " +
    "should help: a key that is read meets 16 queries, and products run at matmul's speed.",
  "shaders/attention.wgsl":
    "What changed: four queries a group of threads, 8 keys at a time in workgroup memory. Why it should help: a " +
    "key that is fetched serves all queries of a workgroup, and a vec4 of it four queries of a thread.",
};
