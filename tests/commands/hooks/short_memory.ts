/** A machine that gives WebAssembly 60 MB and no more. */
const { grow } = WebAssembly.Memory.prototype;

WebAssembly.Memory.prototype.grow = function (pages) {
  if (this.buffer.byteLength + pages * 65_536 > 60e6) {
    throw new RangeError("WebAssembly.Memory.grow(): Maximum memory size exceeded");
  }
  return grow.call(this, pages);
};
