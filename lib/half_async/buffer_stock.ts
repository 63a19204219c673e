/**
 * Stock of buffers for what comes in and goes out: one that has been used is used again. Fresh memory
 * has to be cleared by the system first, and is in none of the processor's caches.
 */

import { Buffer } from "node:buffer";
import { tuned } from "../tuning.ts";

/** Larger buffers are not kept. */
const LARGEST = 256 * 1024;

/** Bytes of the buffers of one size that are kept, at the most. */
const KEPT = tuned("stock", 2 * 1024 * 1024);

/** Buffers by size, of which there should be few. */
const STOCK = new Map<number, Buffer[]>();

/** A buffer of `size` bytes; what it holds is left over from others. */
export function takeBuffer(size: number): Buffer {
  return STOCK.get(size)?.pop() ?? Buffer.allocUnsafeSlow(size);
}

/** Gives back a buffer that came from {@linkcode takeBuffer}, and that nobody uses any more. */
export function giveBuffer(buffer: Buffer): void {
  const { length } = buffer;
  if (length > LARGEST) return;
  let kept = STOCK.get(length);
  if (kept === undefined) STOCK.set(length, kept = []);
  if (kept.length * length < KEPT) kept.push(buffer);
}

/** The next power of two, so that there are few sizes; of a buffer that is not kept, the size itself. */
export function roundUp(size: number): number {
  return size > LARGEST ? size : 1 << (32 - Math.clz32(size - 1));
}
