/**
 * Doorbell between two threads: one word of shared memory, that one side rings and the other waits for
 * without going to sleep. To wake a thread takes longer than a cheap job.
 */

import { now } from "./clock.ts";

/** States of the word. */
const SILENT = 0;
const AWAITED = 1;
const RUNG = 2;

/** How often a listener looks before it looks at the clock. */
const LOOKS = 20;

/** One bell, seen from either side. */
export class Bell {
  readonly #words: Int32Array;
  readonly #at: number;

  /** @param at Which of the words is the bell's; 0 to begin with */
  constructor(words: Int32Array, at: number) {
    this.#words = words;
    this.#at = at;
  }

  /** Rings. @returns whether somebody was waiting; else they must be told by a message */
  ring(): boolean {
    return Atomics.exchange(this.#words, this.#at, RUNG) === AWAITED;
  }

  /** Makes it ready for the next ring. */
  silence(): void {
    Atomics.store(this.#words, this.#at, SILENT);
  }

  /** From now on, somebody waits for it. @returns whether it had not rung before; else it is too late */
  wait(): boolean {
    return Atomics.compareExchange(this.#words, this.#at, SILENT, AWAITED) === SILENT;
  }

  /** Whether somebody is waiting. */
  get awaited(): boolean {
    return Atomics.load(this.#words, this.#at) === AWAITED;
  }

  /** Whether it has rung since it was silenced. */
  get rung(): boolean {
    return Atomics.load(this.#words, this.#at) === RUNG;
  }

  /** Whoever was waiting does so no more. @returns whether it rang before */
  leave(): boolean {
    return Atomics.compareExchange(this.#words, this.#at, AWAITED, SILENT) === RUNG;
  }

  /** Waits for so many milliseconds, and does nothing else. @returns whether it rang meanwhile */
  listen(millis: number): boolean {
    if (!this.wait()) return false;
    const end = now() + millis;
    do {
      for (let looks = 0; looks < LOOKS; looks++) if (this.rung) return true;
    } while (now() < end);
    return this.leave();
  }
}
