/**
 * When it is looked whether a program has said more than it was asked for. A second answer that is overlooked
 * is taken for the reply to the next line, and from then on each line gets the reply to the one before it.
 */

/**
 * Milliseconds without a line behind which a look comes first. A look costs 15 µs, which nobody misses then;
 * in the middle of a load it would be half of what a line costs.
 */
const QUIET = 0.25;

/** Lines in a row of which one is looked before: a program that is ahead by an answer is found out. */
const LOOK_EVERY = 16;

/**
 * Lines in a row of which one waits for its look. A program that is behind by a line while it is asked without
 * a pause has nothing to show, unless it is left alone for as long as an answer takes it.
 */
const PAUSE_EVERY = 128;

/** How much longer than an answer took on average such a pause is, and its longest, in milliseconds. */
const PATIENCE = 1.5;
const LONGEST = 50;

/** Counts lines and the time they take. */
export class Lookout {
  /** Lines since the last pause, and the milliseconds that they have taken. */
  #lines = 0;
  #taken = 0;
  #asked = 0;
  #answered = -Infinity;

  /** A line is about to be asked. @returns milliseconds to wait before a look; -1 if none is due */
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

  /** The line is asked. */
  asked(now: number): void {
    this.#asked = now;
  }

  /** It is answered. */
  answered(now: number): void {
    this.#answered = now;
    this.#taken += now - this.#asked;
  }
}
