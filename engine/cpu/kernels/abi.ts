// How a kernel finds its arguments. Every kernel is `name(p, start, end)`: `p` points at 32-bit
// words (addresses of the buffers first, then the parameters), `[start, end)` is its share of the
// items. AssemblyScript; compiled by build.ts, never run as TypeScript.

/** This instance's thread, 0 for the caller's; set once after instantiation. */
// deno-lint-ignore prefer-const
export let threadId: i32 = 0;

/** First byte past the module's own data: the host's heap begins here. */
export const heapBase: usize = __heap_base;

/** Word `i` as an address. */
// @inline
export function ptr(p: usize, i: i32): usize {
  return <usize> load<u32>(p + (<usize> i << 2));
}

/** Word `i` as an integer. */
// @inline
export function int(p: usize, i: i32): i32 {
  return load<i32>(p + (<usize> i << 2));
}

/** Word `i` as a float. */
// @inline
export function float(p: usize, i: i32): f32 {
  return load<f32>(p + (<usize> i << 2));
}

/** Address of f32 element `i` of a buffer. */
// @inline
export function at(base: usize, i: i32): usize {
  return base + (<usize> i << 2);
}
