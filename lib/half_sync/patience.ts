/**
 * Patience: how long a thread may wait for a {@linkcode Bell} in vain, without going to sleep. What is
 * left of it grows with time, so that a thread that nobody answers sleeps most of the time.
 *
 * It must not run out at the first miss: on a machine with few cores the one who waits may be in the way
 * of the one who is waited for, until the system has moved one of them to another core.
 */

import { now } from "./clock.ts";

/** The part of its time that a thread may wait in vain. */
const SHARE = 0.1;

/**
 * What it may have left at the most, in milliseconds. On a single processor whoever waits is in the way:
 * there one client that waits gets half as many lines.
 */
const MOST = navigator.hardwareConcurrency > 1 ? 4 : 0;

/** The patience of one thread. */
export class Patience {
  readonly #clock: () => number;
  #left = MOST;
  #since: number;

  /** @param clock What time it is, in milliseconds */
  constructor(clock: () => number = now) {
    this.#clock = clock;
    this.#since = clock();
  }

  /** Whether it is enough for so many milliseconds now. */
  allows(millis: number): boolean {
    const time = this.#clock();
    this.#left = Math.min(MOST, this.#left + (time - this.#since) * SHARE);
    this.#since = time;
    return this.#left >= millis;
  }

  /** So many milliseconds were in vain. */
  spend(millis: number): void {
    this.#left -= millis;
  }
}
