/** A disk that is full from the third checkpoint on. */
const { open } = Deno;
let checkpoints = 0;

Deno.open = (path, options) => {
  if (options?.write && String(path).includes("state.safetensors") && ++checkpoints > 2) {
    const full = new Error(`No space left on device (os error 28): open '${path}'`);
    return Promise.reject(Object.assign(full, { code: "ENOSPC" }));
  }
  return open(path, options);
};
