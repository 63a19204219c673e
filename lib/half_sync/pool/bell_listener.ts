/**
 * The reactor's ear: calls back when workers have rung their bell, once a turn at the most. While a batch is
 * under way it listens in its sleep. If few lines are under way it first looks for a moment; the event loop
 * turns meanwhile, and takes whatever else comes.
 */

import timers from "node:timers";
import type { Bell } from "../memory/hop.ts";
import { FEW_LINES, LOOK, Patience } from "../memory/patience.ts";

/** What a {@linkcode BellListener} works for. */
export interface Listening {
  /** Called after each ring, or after several. */
  rung: () => void;
  /** Whether a ring is to come, as `rung` has left things; the worker may have finished since. */
  expected: () => boolean;
}

/** Listens to one bell until it is closed. */
export class BellListener {
  readonly #bell: Bell;
  readonly #listening: Listening;
  readonly #patience = new Patience(() => performance.now());
  #heard: number;
  /** Whether it looks or listens. */
  #busy = false;
  #lines = 0;
  #closed = false;

  constructor(bell: Bell, listening: Listening) {
    this.#bell = bell;
    this.#listening = listening;
    this.#heard = bell.count;
  }

  /** A ring is to come. @param lines Under way over all workers */
  expect(lines: number): void {
    this.#lines = lines;
    if (this.#busy || this.#closed) return;
    this.#busy = true;
    if (lines <= FEW_LINES && this.#patience.allows(LOOK)) this.#look(performance.now());
    else this.#listen();
  }

  /** Listens no more. */
  close(): void {
    this.#closed = true;
    this.#bell.ring(); // leaves no promise pending
  }

  #look(begun: number): void {
    timers.setImmediate(() => {
      if (this.#bell.count !== this.#heard) return this.#hear();
      const millis = performance.now() - begun;
      if (millis < LOOK) return this.#look(begun);
      this.#patience.spend(millis);
      this.#listen();
    });
  }

  #listen(): void {
    const ring = this.#bell.after(this.#heard);
    // It has rung already: others have their turn of the event loop first.
    if (ring === undefined) timers.setImmediate(() => this.#hear());
    else void ring.then(() => this.#hear());
  }

  #hear(): void {
    this.#busy = false;
    if (this.#closed) return;
    this.#heard = this.#bell.count;
    this.#listening.rung();
    if (this.#listening.expected()) this.expect(this.#lines);
  }
}
