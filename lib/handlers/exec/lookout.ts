/**
 * Decides when to look whether a program has written more than it was asked for. A second answer that nobody
 * sees passes for the answer to the next line; from then on each line gets the answer to the one before it.
 */

/**
 * After so many milliseconds without a line, a look comes before the next one. A look costs 15 µs. After a
 * pause nobody misses them; under load, before every line, they would count.
 */
const QUIET = 0.25;

/** Under load, a look comes before one line of so many. It finds a program that is ahead by an answer. */
const LOOK_EVERY = 16;

/**
 * Under load, one line of so many first waits, and then looks. A program that is ahead by an answer has
 * nothing to show while it still works on the last line. Left alone for as long as an answer takes, it has.
 */
const PAUSE_EVERY = 128;

/** How long such a wait is, in times of an average answer; and how long at most, in milliseconds. */
const PATIENCE = 1.5;
const LONGEST = 50;

/** Counts lines, and the time that their answers take. */
export class Lookout {
  /** Lines since the last wait, and the milliseconds that their answers took. */
  #lines = 0;
  #taken = 0;
  #asked = 0;
  #answered = -Infinity;

  /** A line is about to be sent. @returns milliseconds to wait before a look; -1 if no look is due */
  due(now: number): number {
    const quiet = now - this.#answered;
    if (++this.#lines > PAUSE_EVERY) {
      const pause = Math.min(LONGEST, PATIENCE * this.#taken / PAUSE_EVERY) - quiet;
      this.#lines = 1;
      this.#taken = 0;
      return Math.max(0, pause);
    }
    return quiet >= QUIET || this.#lines % LOOK_EVERY === 0 ? 0 : -1;
  }

  /** The line is sent. */
  asked(now: number): void {
    this.#asked = now;
  }

  /** It is answered. */
  answered(now: number): void {
    this.#answered = now;
    this.#taken += now - this.#asked;
  }
}
