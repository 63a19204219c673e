/**
 * Stock of buffers for what comes in and goes out: a used buffer is used again. Fresh memory must be cleared
 * by the system first, and is in none of the processor's caches.
 */

import { Buffer } from "node:buffer";
import { tuned } from "../tuning.ts";

/**
 * Larger buffers are not kept, in bytes: few connections need them, and the stock would hold their memory.
 */
const LARGEST = 256 * 1024;

/**
 * Most bytes of buffers of one size that are kept. With less, busy servers allocate again and again; with
 * more, idle ones hold memory.
 */
const KEPT = tuned("stock", 2 * 1024 * 1024);

/** Buffers by size; {@linkcode roundUp} keeps the sizes few. */
const STOCK = new Map<number, Buffer[]>();

/** A buffer of `size` bytes; it still holds old bytes of others. */
export function takeBuffer(size: number): Buffer {
  return STOCK.get(size)?.pop() ?? Buffer.allocUnsafeSlow(size);
}

/** Gives back a buffer of {@linkcode takeBuffer}; nothing may use it any more. */
export function giveBuffer(buffer: Buffer): void {
  const { length } = buffer;
  if (length > LARGEST) return;
  let kept = STOCK.get(length);
  if (kept === undefined) STOCK.set(length, kept = []);
  if (kept.length * length < KEPT) kept.push(buffer);
}

/** The next power of two, so that sizes are few; the size itself for a buffer too large to be kept. */
export function roundUp(size: number): number {
  return size > LARGEST ? size : 1 << (32 - Math.clz32(size - 1));
}
