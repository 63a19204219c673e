/** The reactor's ear: calls back when workers have rung their bell, at the most once a turn. */

import timers from "node:timers";
import type { Bell } from "../memory/hop.ts";

/** Listens to one bell until it is closed. */
export class BellListener {
  readonly #bell: Bell;
  readonly #rung: () => void;
  #closed = false;

  /** @param rung Called behind each ring, or some of them */
  constructor(bell: Bell, rung: () => void) {
    this.#bell = bell;
    this.#rung = rung;
    this.#listen(bell.count);
  }

  /** Listens no more. */
  close(): void {
    this.#closed = true;
    this.#bell.ring(); // no promise is left behind
  }

  #listen(heard: number): void {
    const ring = this.#bell.after(heard);
    // Where it has rung meanwhile, others have their turn of the event loop first.
    if (ring === undefined) timers.setImmediate(() => this.#hear());
    else void ring.then(() => this.#hear());
  }

  #hear(): void {
    if (this.#closed) return;
    const heard = this.#bell.count;
    this.#rung();
    this.#listen(heard);
  }
}
