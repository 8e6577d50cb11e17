/**
 * tfjs on its WebGPU backend beside our rows. It runs under Deno, which has WebGPU where Node has none; the
 * backend looks for a `window`, which Deno no longer has. It takes the adapter that is offered first.
 */
globalThis.window = globalThis;
const tf = await import("@tensorflow/tfjs-core");
await import("@tensorflow/tfjs-backend-webgpu");
const { worksOf } = await import("./tfjs_works.mjs");
const { printAll } = await import("./works.mjs");

if (!await tf.setBackend("webgpu")) throw new Error("tfjs: its WebGPU backend does not start");
await tf.ready();
const backend = tf.backend();
await printAll("tfjs, webgpu", {
  ...worksOf(tf),
  drain() {
    backend.submitQueue();
    return backend.queue.onSubmittedWorkDone();
  },
});
