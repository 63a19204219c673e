/**
 * How long the store of `kv` waits for a lock that another connection holds: for less time than a job may
 * take. So the client is told of the lock, and the worker is not replaced.
 */

import { block } from "../block.ts";
import { secondsText } from "../seconds_text.ts";

/** Longest wait, in seconds. */
const LONGEST = 20;

/**
 * The share of its job's time that a command may wait. The rest is for the work itself, and for a busy
 * machine.
 */
const SHARE = 2 / 3;

/** Longest wait within SQLite, in milliseconds: its native code cannot be stopped, the loop around it can. */
const STEP = 100;

/** Milliseconds until a refused statement is tried again. */
const PAUSE = 5;

/** SQLite's result code for "another connection writes". */
const SQLITE_BUSY = 5;

/** Runs statements, and tries them again while the database is locked. */
export class LockWait {
  /** Longest wait, in seconds: whole tenths, unless it is shorter than one. */
  readonly seconds: number;

  /** @param jobTimeout Seconds that a job may run; 0: for ever */
  constructor(jobTimeout: number) {
    const share = jobTimeout === 0 ? LONGEST : Math.min(LONGEST, SHARE * jobTimeout);
    this.seconds = Math.floor(share * 10) / 10 || share;
  }

  /** Milliseconds that SQLite itself waits each time: its `busy_timeout`. */
  get step(): number {
    return Math.ceil(Math.min(STEP, this.seconds * 1000 / 4));
  }

  /**
   * Runs a statement, and waits while a lock is in its way.
   *
   * @throws {Error} if the lock stays too long; then the statement has changed nothing
   */
  run<T>(statement: () => T): T {
    const deadline = performance.now() + this.seconds * 1000;
    for (;;) {
      try {
        return statement();
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (performance.now() >= deadline) {
          throw new Error(
            `the database was locked for ${secondsText(this.seconds)}; nothing was changed`,
          );
        }
      }
      block(PAUSE);
    }
  }
}

function isBusy(error: unknown): boolean {
  // The low byte is the result code; the others refine it.
  return error instanceof Error && "errcode" in error &&
    (Number(error.errcode) & 0xff) === SQLITE_BUSY;
}
