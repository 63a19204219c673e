/**
 * A lease on lines: the reactor's process says all the time that it goes on, and a worker starts no line
 * when that was too long ago. A process that was stopped and goes on must not run what was given up meanwhile.
 *
 * Only worker machines need it: there a line may be settled by somebody else.
 */

import { now } from "./clock.ts";
import { BatchSlot } from "./batch_slot.ts";

/** No line is started when the reactor was not heard of for so long, in milliseconds. */
export const STALE = 100;

/** The reactor's sign of life, seen from either side. */
export class Beat {
  readonly memory: SharedArrayBuffer;
  readonly #at: Float64Array;
  /** By how much the worker's clock is ahead of the reactor's, and how late a beat was read at the least. */
  #least = Infinity;

  constructor(memory = new SharedArrayBuffer(8)) {
    this.memory = memory;
    this.#at = new Float64Array(memory);
  }

  /** Reactor: goes on, at this time of its clock in milliseconds. */
  beat(at: number): void {
    this.#at[0] = at;
  }

  /** Worker: whether the reactor was not heard of for too long. */
  get stale(): boolean {
    // The clocks of two threads have begun at different times: the least difference is that, and little more.
    const ahead = now() - this.#at[0];
    if (ahead < this.#least) this.#least = ahead;
    return ahead - this.#least > STALE;
  }
}

/** The memory of a batch whose lines may be started only while the reactor goes on. */
export class LeasedSlot extends BatchSlot {
  readonly #beat: Beat;

  constructor(memory: SharedArrayBuffer, beat: Beat) {
    super(memory);
    this.#beat = beat;
  }

  /** Worker: as {@linkcode BatchSlot.claim}; `false`, too, where the lease is over: the batch ends there. */
  override claim(): boolean {
    return !this.#beat.stale && super.claim();
  }
}
