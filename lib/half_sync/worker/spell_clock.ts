/**
 * Clock of a worker's spells: a spell is over behind a time, and that is looked at often enough, also
 * among many lines of one run, but not at each line.
 */

import { now } from "../memory/clock.ts";

/** How long a spell lasts, in milliseconds; a batch that is under way then goes on in the next one. */
const SPELL = 100;

/** Behind so many quick lines the time is looked at, which takes 0.14 µs; behind a slow one at once. */
const LINES_PER_LOOK = 16;

/** Lines are slow that take longer, in milliseconds, between two looks. */
const SLOW = 2;

/** Tells when a spell is over. */
export class SpellClock {
  #end = 0;
  /** Behind which line the time is looked at next, and when it was looked at last. */
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

  /** A run begins, whose lines are counted from 1. */
  beginRun(time: number): void {
    this.#nextLook = 2;
    this.#lookedAt = time;
  }

  /** Whether the spell is over in front of line `line`, as far as one has to know. */
  isOver(line: number): boolean {
    if (line !== this.#nextLook) return false;
    const time = now();
    this.#nextLook = line + (time - this.#lookedAt > SLOW ? 1 : LINES_PER_LOOK);
    this.#lookedAt = time;
    return this.isOverAt(time);
  }
}
