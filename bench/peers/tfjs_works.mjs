/** Our works in tfjs. Convolutions are channels last there, as it wants them. */
export function worksOf(tf) {
  const run = (op) => () => tf.dispose(tf.tidy(op));
  return {
    matmul({ m, k, n, transposeA, transposeB }, a, b) {
      const x = tf.tensor2d(a, transposeA ? [k, m] : [m, k]);
      const y = tf.tensor2d(b, transposeB ? [n, k] : [k, n]);
      return run(() => tf.matMul(x, y, transposeA, transposeB));
    },
    conv({ batch, channels, height, width, outputs }, x, w, b) {
      const images = tf.tensor4d(x, [batch, height, width, channels]);
      const taps = tf.tensor4d(w, [3, 3, channels, outputs]);
      const bias = tf.tensor1d(b);
      return run(() => tf.add(tf.conv2d(images, taps, 1, "same"), bias));
    },
  };
}
