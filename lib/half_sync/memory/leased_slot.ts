/**
 * A lease on lines: the reactor's process keeps saying that it goes on, and a worker starts no line if it has
 * not heard that lately. A process that was stopped and goes on must not run lines that were given up
 * meanwhile.
 *
 * Only worker machines need it: there, somebody else may settle a line.
 */

import { now } from "./clock.ts";
import { BatchSlot } from "./batch_slot.ts";

/**
 * No line is started if the reactor was silent for longer, in milliseconds. If it is too short, a busy
 * reactor stops its workers; if too long, a line may run that was given up.
 */
export const STALE = 100;

/** The reactor's sign of life, seen from either side. */
export class Beat {
  readonly memory: SharedArrayBuffer;
  readonly #at: Float64Array;
  /** How far the worker's clock is ahead of the reactor's, and the least delay with which a beat was read. */
  #least = Infinity;

  constructor(memory = new SharedArrayBuffer(8)) {
    this.memory = memory;
    this.#at = new Float64Array(memory);
  }

  /** Reactor: it goes on, at this time of its clock in milliseconds. */
  beat(at: number): void {
    this.#at[0] = at;
  }

  /** Worker: whether the reactor was silent for too long. */
  get stale(): boolean {
    // The clocks of two threads began at different times: the least difference is that, and little more.
    const ahead = now() - this.#at[0];
    if (ahead < this.#least) this.#least = ahead;
    return ahead - this.#least > STALE;
  }
}

/** The memory of a batch whose lines may start only while the reactor goes on. */
export class LeasedSlot extends BatchSlot {
  readonly #beat: Beat;

  constructor(memory: SharedArrayBuffer, beat: Beat) {
    super(memory);
    this.#beat = beat;
  }

  /** Worker: as {@linkcode BatchSlot.claim}; also `false` when the lease is over: the batch ends there. */
  override claim(): boolean {
    return !this.#beat.stale && super.claim();
  }
}
