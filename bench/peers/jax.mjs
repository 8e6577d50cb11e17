/** jax-js on one of its backends, `wasm` or `webgpu` (the third argument), beside our rows; jit compiles each first. */
import { blockUntilReady, defaultDevice, init, jit, lax, numpy as np } from "@jax-js/jax";
import process from "node:process";
import { printAll } from "./works.mjs";

const backend = process.argv[4];
if (!(await init(backend)).includes(backend)) throw new Error(`jax-js: no ${backend} here`);
defaultDevice(backend);

/** Results not yet waited for: what nobody waits for, jax-js does not compute on a GPU. */
const pending = [];
async function drain() {
  await blockUntilReady(pending);
  for (const result of pending.splice(0)) result.dispose();
}

/** Arrays are consumed by use unless a reference is taken. */
function run(f, ...inputs) {
  const record = () => void pending.push(f(...inputs.map((x) => x.ref)));
  return backend === "webgpu" ? record : () => (record(), drain());
}

await printAll(`jax-js, ${backend}`, {
  ...(backend === "webgpu" && { drain }),
  matmul({ m, k, n, transposeA, transposeB }, a, b) {
    const x = np.array(a).reshape(transposeA ? [k, m] : [m, k]);
    const y = np.array(b).reshape(transposeB ? [n, k] : [k, n]);
    const turned = (t, transpose) => transpose ? np.transpose(t) : t;
    return run(jit((x, y) => np.matmul(turned(x, transposeA), turned(y, transposeB))), x, y);
  },
  conv({ batch, channels, height, width, outputs }, x, w, b) {
    const images = np.array(x).reshape([batch, channels, height, width]);
    const taps = np.array(w).reshape([outputs, channels, 3, 3]);
    const bias = np.array(b).reshape([1, outputs, 1, 1]);
    const f = jit((x, w, b) => lax.convGeneralDilated(x, w, [1, 1], [[1, 1], [1, 1]]).add(b));
    return run(f, images, taps, bias);
  },
});
