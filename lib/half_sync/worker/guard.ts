/**
 * Guard of the half-sync layer: ends synchronous code that runs for too long, from inside its own thread. In
 * Deno `Worker.terminate()` cannot do that. V8's own interruption can, through `node:vm`: it ends an endless
 * loop, a backtracking regular expression, or `Atomics.wait`.
 *
 * It does not reach code outside its call (behind an `await`, in a timer), and native code (SQLite) runs to
 * its end first. Each call starts a thread, which takes 12 to 24 µs: a call should hold many jobs.
 */

import vm from "node:vm";

/** The longest time that a timer of the runtime can wait, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/** The global that holds the guarded function for a moment; no other code runs then. */
const NAME = "hsha guarded";

/** Takes the function away before it calls it, so that no handler ever sees it. */
const SCRIPT = new vm.Script(
  `{ const run = globalThis["${NAME}"]; delete globalThis["${NAME}"]; run(); }`,
);

// Both kept from before a handler could replace them.
const runScript = SCRIPT.runInThisContext.bind(SCRIPT);
const { defineProperty } = Object;

/** Runs functions, each for a limited time. */
export class Guard {
  readonly #options: { timeout: number } | undefined;

  /** @param millis How long a function may run; 0: for ever */
  constructor(millis: number) {
    if (millis > 0) this.#options = { timeout: Math.min(LONGEST, Math.ceil(millis)) };
  }

  /** Runs a function that throws nothing. @returns whether it came to its end, and was not stopped */
  run(work: () => void): boolean {
    if (this.#options === undefined) {
      work();
      return true;
    }
    defineProperty(globalThis, NAME, { value: work, configurable: true });
    try {
      runScript(this.#options);
      return true;
    } catch {
      return false; // `work` throws nothing: it was stopped
    }
  }
}
