/** jax-js on its WebAssembly backend beside our rows, each work compiled by jit first. */
import { blockUntilReady, defaultDevice, init, jit, lax, numpy as np } from "@jax-js/jax";
import { BATCH, printAll } from "./works.mjs";

await init("wasm");
defaultDevice("wasm");

/** Arrays are consumed by use unless a reference is taken. */
const timed = (f, ...inputs) => async () => {
  const out = f(...inputs.map((x) => x.ref));
  await blockUntilReady(out);
  out.dispose();
};

await printAll("jax-js, wasm", {
  matmul(m, k, n, a, b) {
    const x = np.array(a).reshape([m, k]), y = np.array(b).reshape([k, n]);
    return timed(jit((x, y) => np.matmul(x, y)), x, y);
  },
  conv({ channels, outputs, side }, x, w, b) {
    const images = np.array(x).reshape([BATCH, channels, side, side]);
    const taps = np.array(w).reshape([outputs, channels, 3, 3]);
    const bias = np.array(b).reshape([1, outputs, 1, 1]);
    const f = jit((x, w, b) => lax.convGeneralDilated(x, w, [1, 1], [[1, 1], [1, 1]]).add(b));
    return timed(f, images, taps, bias);
  },
});
