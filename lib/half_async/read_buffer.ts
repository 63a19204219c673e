/**
 * What one connection reads into: small while it is idle, larger while it sends more than fits. 9 000 idle
 * connections cost 125 MB with the smallest size; with 64 KiB each they would cost 600 MB.
 */

import { giveBuffer, roundUp, takeBuffer } from "./buffer_stock.ts";
import { tuned } from "../tuning.ts";

const MIN_SIZE = tuned("smallestRead", 4 * 1024);

/**
 * Largest read, in bytes: it takes a window of 64 KiB of lines, and what they have beside, at once. In two
 * reads, a client's lines travel apart to the end, and the rate falls to 0.8.
 */
const MAX_SIZE = tuned("largestRead", 80 * 1024);

/**
 * What a burst still counts for when the next one has come. With less, the buffer changes size at each lull;
 * with more, it stays large for long.
 */
const DECAY = 7 / 8;

/** The read buffer of one connection. */
export class ReadBuffer {
  /** Where the next read goes. */
  bytes = takeBuffer(MIN_SIZE);
  /** Bytes of the reads in a row that filled the buffer; capped at the largest read. */
  #burst = 0;
  /** Bytes of the largest burst of late. */
  #most = 0;

  /** A read brought so many bytes, and they have been used: sets the size of the next read. */
  adapt(count: number): void {
    const size = this.bytes.length;
    this.#burst = Math.min(MAX_SIZE, this.#burst + count);
    if (count === size) return this.#resize(4 * size);
    this.#most = Math.max(this.#burst, this.#most * DECAY);
    this.#burst = 0;
    this.#resize(this.#most + 1); // a read that leaves bytes unused has brought all there was
  }

  /** Nothing is read any more. */
  close(): void {
    giveBuffer(this.bytes);
  }

  #resize(wanted: number): void {
    const size = Math.min(MAX_SIZE, Math.max(MIN_SIZE, roundUp(wanted)));
    if (size === this.bytes.length) return;
    giveBuffer(this.bytes);
    this.bytes = takeBuffer(size);
  }
}
