/** A disk that is full from the third checkpoint on. */
const { writeFile } = Deno;
let checkpoints = 0;

Deno.writeFile = (path, ...rest) => {
  if (String(path).includes("state.safetensors") && ++checkpoints > 2) {
    const full = new Error(`No space left on device (os error 28): writefile '${path}'`);
    return Promise.reject(Object.assign(full, { code: "ENOSPC" }));
  }
  return writeFile(path, ...rest);
};
