/**
 * Stock of buffers for what comes in and goes out: one that has been used is used again. Fresh memory
 * has to be cleared by the system first, and is in none of the processor's caches.
 */

import { Buffer } from "node:buffer";

/** Larger buffers are not kept. */
const LARGEST = 256 * 1024;

/** Bytes of the buffers of one size that are kept, at the most. */
const KEPT = 2 * 1024 * 1024;

/** Buffers by size: those of 2ⁿ bytes in place n. */
const STOCK: Buffer[][] = Array.from({ length: 32 - Math.clz32(LARGEST) }, () => []);

/** A buffer of `size` bytes or more, at least 1; what it holds is left over from others. */
export function takeBuffer(size: number): Buffer {
  if (size > LARGEST) return Buffer.allocUnsafeSlow(size);
  const power = 32 - Math.clz32(size - 1);
  return STOCK[power].pop() ?? Buffer.allocUnsafeSlow(1 << power);
}

/** Gives back a buffer that came from {@linkcode takeBuffer}, and that nobody uses any more. */
export function giveBuffer(buffer: Buffer): void {
  const { length } = buffer;
  if (length > LARGEST) return;
  const kept = STOCK[31 - Math.clz32(length)];
  if (kept.length * length < KEPT) kept.push(buffer);
}
