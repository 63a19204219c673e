/**
 * Patience: for how long a thread may look for something in vain before it goes to sleep. To be woken takes
 * longer than a cheap job; but on a machine whose cores are all busy, a thread that looks is in the way.
 *
 * What is left grows with time, so that a thread that looks in vain sleeps most of the time. It must not run
 * out at the first miss: on few cores the one that looks may keep the one that it waits for from running,
 * until the system has moved one of them to another core.
 */

/** With more lines than these under way, over all workers, a thread that looks is in the way of others. */
export const FEW_LINES = 8;

/** The part of its time that a thread may look in vain. */
const SHARE = 0.1;

/** The most that is left, in milliseconds; none on one core, where a thread that looks is always in the way. */
const MOST = navigator.hardwareConcurrency > 1 ? 4 : 0;

/** The patience of one thread. */
export class Patience {
  readonly #clock: () => number;
  #left = MOST;
  #since: number;

  /** @param clock Tells the time, in milliseconds */
  constructor(clock: () => number) {
    this.#clock = clock;
    this.#since = clock();
  }

  /** Whether it is enough to look for so many milliseconds. */
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
