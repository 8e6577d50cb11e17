// What the processor can do at most, for the roofline: multiply-adds on panels that stay in the first cache.
import { at, int, ptr, threadId } from "../../engine/cpu/kernels/abi";
import { probePaired } from "../../engine/cpu/kernels/probe";

/**
 * peakFma: a, b (see probePaired), words [threads, 128]; turns. Items: repeats. Every thread has sums of its
 * own, so that none takes a cache line from another.
 */
export function peakFma(p: usize, start: i32, end: i32): void {
  const own = at(ptr(p, 2), threadId * 128);
  store<u32>(own, <u32> ptr(p, 0));
  store<u32>(own, <u32> ptr(p, 1), 4);
  store<u32>(own, <u32> at(own, 16), 8);
  store<u32>(own, int(p, 3), 12);
  probePaired(own, start, end);
}
