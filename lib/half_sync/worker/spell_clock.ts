/**
 * Clock of a worker's spells: a spell has a time limit. The clock is read often enough, even within a long
 * run, but not at each line.
 */

import { now } from "../memory/clock.ts";

/**
 * How long a spell lasts, in milliseconds; a batch under way goes on in the next one. With more, a handler's
 * timers come later; with less, spells cost more.
 */
const SPELL = 100;

/**
 * Quick lines between two looks at the clock: a look takes 0.14 µs. A slow line is followed by one at once.
 */
const LINES_PER_LOOK = 16;

/** Lines are slow if they take longer between two looks, in milliseconds. */
const SLOW = 2;

/** Tells when a spell is over. */
export class SpellClock {
  #end = 0;
  /** The line after which the clock is read next, and when it was last read. */
  #nextLook = 2;
  #lookedAt = 0;

  /** A spell begins. */
  begin(): void {
    this.#end = now() + SPELL;
  }

  /** Whether the spell was over at this time. */
  isOverAt(time: number): boolean {
    return time >= this.#end;
  }

  /** A run begins; its lines are counted from 1. */
  beginRun(time: number): void {
    this.#nextLook = 2;
    this.#lookedAt = time;
  }

  /** Whether the spell is over before line `line`, as far as the clock has been read. */
  isOver(line: number): boolean {
    if (line !== this.#nextLook) return false;
    const time = now();
    this.#nextLook = line + (time - this.#lookedAt > SLOW ? 1 : LINES_PER_LOOK);
    this.#lookedAt = time;
    return this.isOverAt(time);
  }
}
