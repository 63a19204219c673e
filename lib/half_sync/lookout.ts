/**
 * Lookout: the reactor looks for the end of a cheap batch at each turn of the event loop, which goes on
 * turning meanwhile instead of going to sleep, and takes whatever else comes. So neither is the worker's
 * message needed, which costs both sides more than a dozen cheap jobs, nor is the reactor to be woken.
 */

import timers from "node:timers";
import type { Bell } from "./bell.ts";
import { Patience } from "./patience.ts";

/** How long it looks for the end of one batch, in milliseconds. */
const LOOKING = 0.2;

/** Turns of the event loop that are tried to find out how long one takes. */
const TRIES = 5;

/** Whether the event loop turns at once: that of Deno 2.4 goes to sleep for a millisecond first. */
const ABLE = await shortestTurn() < LOOKING;

/** Looks for one bell at a time. */
export class Lookout {
  readonly #found: () => void;
  readonly #patience = new Patience();
  #bell: Bell | undefined;
  #until = 0;
  #turn: ReturnType<typeof timers.setImmediate> | undefined;

  /** @param found Called when the bell is found to have rung */
  constructor(found: () => void) {
    this.#found = found;
  }

  /** Begins to look for the bell of a batch that should take so many microseconds, if that is worth it. */
  begin(bell: Bell, micros: number): void {
    if (!ABLE || micros > LOOKING * 1000 || !this.#patience.allows(LOOKING)) return;
    bell.wait();
    this.#bell = bell;
    this.#until = performance.now() + LOOKING;
    this.#again();
  }

  /** Ends it. @returns whether the bell has rung; else its end will be told by a message */
  end(): boolean {
    timers.clearImmediate(this.#turn);
    const rung = this.#bell?.leave() ?? false;
    this.#bell = undefined;
    return rung;
  }

  #again(): void {
    this.#turn = timers.setImmediate(() => {
      if (!this.#bell!.rung && performance.now() < this.#until) return this.#again();
      if (this.end()) this.#found();
      else this.#patience.spend(LOOKING);
    });
  }
}

async function shortestTurn(): Promise<number> {
  let shortest = Infinity;
  for (let turn = 0; turn < TRIES; turn++) {
    const begun = performance.now();
    await new Promise<void>((resolve) => timers.setImmediate(resolve));
    shortest = Math.min(shortest, performance.now() - begun);
  }
  return shortest;
}
