/**
 * Watchdog of the half-sync layer: looks at the workers while they are busy. It passes on finished replies,
 * takes back lines that wait behind a slow job, and finds jobs that run over their time.
 */

import type { WorkerHost } from "./worker_host.ts";
import type { WorkerSet } from "./worker_set.ts";

/**
 * When a batch is under way for so long, in milliseconds, the lines behind it are taken back. With less,
 * quick batches are torn apart; with more, quick lines wait behind slow jobs.
 */
const SLOW_JOB = 4;

/** Milliseconds between two looks: at first, and at the most while all is quiet. */
const FIRST_LOOK = 4;
const LAST_LOOK = 64;

/**
 * If a look comes so many milliseconds late, the reactor stood still: jobs must not be blamed for that time.
 */
const LATE = 100;

/** Options of a {@linkcode Watchdog}. */
export interface WatchdogOptions {
  /** Seconds a job may run; 0: for ever. */
  jobTimeout: number;
  /** The workers to look at. */
  workers: WorkerSet;
  /** A worker's job has run over its time. */
  expired: (worker: WorkerHost) => void;
  /** Lines have been taken back and wait again. */
  takenBack: () => void;
}

/** Watches workers while one of them is busy. */
export class Watchdog {
  readonly #options: WatchdogOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #interval = FIRST_LOOK;
  /** When it should look next, by `performance.now()`. */
  #due = 0;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** A worker has been given a batch, or is about to be. */
  start(): void {
    if (this.#timer !== undefined && this.#interval === FIRST_LOOK) return;
    clearTimeout(this.#timer);
    this.#lookIn(FIRST_LOOK);
  }

  /** Looks no more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #lookIn(millis: number): void {
    this.#interval = millis;
    this.#due = performance.now() + millis;
    this.#timer = setTimeout(() => this.#look(), millis);
  }

  #look(): void {
    this.#timer = undefined;
    const { jobTimeout, workers, expired, takenBack } = this.#options;
    const now = performance.now();
    const late = now - this.#due > LATE ? now - this.#due : 0;
    let busy = false;
    let moved = false;
    let revoked = false;
    for (const worker of workers.all) {
      if (worker.idle) continue;
      busy = true;
      worker.look(now, late);
      const age = worker.watch.lineAge(now);
      if (jobTimeout > 0 && age >= jobTimeout * 1000) expired(worker);
      else if (worker.watch.batchAge(now) >= SLOW_JOB && worker.revoke(now)) revoked = true;
      if (age === 0) moved = true;
    }
    if (revoked) takenBack();
    if (!busy || this.#timer !== undefined) return;
    this.#lookIn(moved || revoked ? FIRST_LOOK : Math.min(LAST_LOOK, this.#interval * 2));
  }
}
