/**
 * Patience: how long a thread may look for something in vain before it sleeps. To be woken takes longer than
 * a cheap job, but on a machine whose cores are all busy, a thread that looks is in the way.
 *
 * Patience grows with time, so that a thread that looks in vain sleeps most of the time. It must not run out
 * at the first miss: on few cores, the thread that looks may keep the awaited one from running until the
 * system moves one of them to another core.
 */

/**
 * How long a thread looks before it sleeps, in milliseconds: longer than a cheap job and its two wake-ups, of
 * which each takes 0.3 on a slow host. If it looks for less, what it waits for comes just after; if for more,
 * it is in the way where a neighbour keeps the other core busy.
 */
export const LOOK = 0.5;

/** With more lines under way over all workers, a thread that looks is in the way of others. */
export const FEW_LINES = 8;

/** The part of its time that a thread may look in vain: the larger, the more CPU it takes from others. */
const SHARE = 0.1;

/**
 * Most patience, in milliseconds: enough for some misses. None on one core, where a thread that looks is
 * always in the way.
 */
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

  /** Whether there is enough patience to look for so many milliseconds. */
  allows(millis: number): boolean {
    const time = this.#clock();
    this.#left = Math.min(MOST, this.#left + (time - this.#since) * SHARE);
    this.#since = time;
    return this.#left >= millis;
  }

  /** So many milliseconds of looking were in vain. */
  spend(millis: number): void {
    this.#left -= millis;
  }
}
