/** tfjs on its WebAssembly backend beside our rows. Convolutions are channels last there, as it wants them. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { BATCH, printAll } from "./works.mjs";

await tf.setBackend("wasm");
await tf.ready();

/** Runs `op` and waits until its result is there; the wasm backend has it on return. */
const timed = (op) => () => op().dispose();

await printAll("tfjs, wasm", {
  matmul(m, k, n, a, b) {
    const x = tf.tensor2d(a, [m, k]), y = tf.tensor2d(b, [k, n]);
    return timed(() => tf.matMul(x, y));
  },
  conv({ channels, outputs, side }, x, w, b) {
    const images = tf.tensor4d(x, [BATCH, side, side, channels]);
    const taps = tf.tensor4d(w, [3, 3, channels, outputs]);
    const bias = tf.tensor1d(b);
    return timed(() => tf.tidy(() => tf.add(tf.conv2d(images, taps, 1, "same"), bias)));
  },
});
