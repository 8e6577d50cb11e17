/** A GPU that goes away in the midst of training: at its 120th submission. */
const { submit } = GPUQueue.prototype;
const { requestDevice } = GPUAdapter.prototype;
let device: GPUDevice | undefined;
let submissions = 0;

GPUAdapter.prototype.requestDevice = async function (options) {
  return device = await requestDevice.call(this, options);
};
GPUQueue.prototype.submit = function (buffers) {
  submit.call(this, buffers);
  if (++submissions === 120) device?.destroy();
};
