/**
 * How long the store of `kv` waits for a lock that another connection holds: less than a job may take, so
 * that the client hears of the lock, and the worker lives on.
 */

import { secondsText } from "../seconds_text.ts";

/** Longest wait, in seconds. */
const LONGEST = 20;

/**
 * A command's share of the time that its job may take. The rest is for the work itself, and for a machine
 * that is busy.
 */
const SHARE = 2 / 3;

/** Longest wait within SQLite, in milliseconds: its native code cannot be stopped, the loop around it can. */
const STEP = 100;

/** Milliseconds until a refused statement is tried again. */
const PAUSE = 5;

/** SQLite's result code for "another connection writes". */
const SQLITE_BUSY = 5;

/** Never notified: a wait on it is a sleep. */
const NEVER = new Int32Array(new SharedArrayBuffer(4));

/** Runs statements, again and again while the database is locked. */
export class LockWait {
  /** Longest wait, in seconds, in tenths where it has some. */
  readonly seconds: number;

  /** @param jobTimeout Seconds that a job may run; 0: for ever */
  constructor(jobTimeout: number) {
    const share = jobTimeout === 0 ? LONGEST : Math.min(LONGEST, SHARE * jobTimeout);
    this.seconds = Math.floor(share * 10) / 10 || share;
  }

  /** Milliseconds that SQLite itself is to wait: its `busy_timeout`. */
  get step(): number {
    return Math.ceil(Math.min(STEP, this.seconds * 1000 / 4));
  }

  /**
   * Runs a statement when there is no lock in its way.
   *
   * @throws {Error} if there is one for too long: then nothing was changed
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
      Atomics.wait(NEVER, 0, 0, PAUSE);
    }
  }
}

function isBusy(error: unknown): boolean {
  // The result code's low byte; the others tell more of the same.
  return error instanceof Error && "errcode" in error &&
    (Number(error.errcode) & 0xff) === SQLITE_BUSY;
}
