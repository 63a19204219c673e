/**
 * Patience: how long a thread may listen for a {@linkcode Bell} in vain. What is left of it grows with
 * time, so that a thread that nobody answers sleeps most of the time.
 *
 * It must not run out at the first miss: on a machine with few cores the listener may itself be in the
 * way of the one it waits for, until the system has moved one of them to another core.
 */

/** The part of its time that a thread may listen in vain. */
const SHARE = 0.1;

/** What it may have left at the most, in milliseconds. */
const MOST = 4;

/** The patience of one thread. */
export class Patience {
  #left = MOST;
  #since = performance.now();

  /**
   * Lets `listen` listen for so many milliseconds, if there is that much patience left.
   *
   * @returns whether it was not in vain
   */
  try(millis: number, listen: (millis: number) => boolean): boolean {
    const now = performance.now();
    this.#left = Math.min(MOST, this.#left + (now - this.#since) * SHARE);
    this.#since = now;
    if (this.#left < millis) return false;
    if (listen(millis)) return true;
    this.#left -= millis;
    return false;
  }
}
