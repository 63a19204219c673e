/**
 * Watchdog of the half-sync layer: looks at the workers while they are busy. It passes on replies that
 * are finished, takes back lines that wait behind a slow job, and finds jobs that run over their time.
 */

import type { WorkerHost } from "./worker_host.ts";

/** Behind a batch under way for so long, in milliseconds, no line waits. */
const SLOW_JOB = 4;

/** How often the watchdog looks, in milliseconds: at first, and at the most once all is quiet. */
const FIRST_LOOK = 4;
const LAST_LOOK = 64;

/** A look that comes so many milliseconds late shows that the reactor stood still. */
const LATE = 100;

/** Options of a {@linkcode Watchdog}. */
export interface WatchdogOptions {
  /** Seconds a job may run; 0: for ever. */
  jobTimeout: number;
  /** A worker's job has run over its time. */
  expired: (worker: WorkerHost) => void;
  /** Lines have been taken back and wait again. */
  takenBack: () => void;
}

/** Watches workers as long as one of them is busy. */
export class Watchdog {
  readonly #workers: readonly WorkerHost[];
  readonly #options: WatchdogOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #interval = FIRST_LOOK;
  /** When it should look next, by `performance.now()`. */
  #due = 0;

  constructor(workers: readonly WorkerHost[], options: WatchdogOptions) {
    this.#workers = workers;
    this.#options = options;
  }

  /** A worker has been, or is about to be, given a batch. */
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
    let busy = false;
    let moved = false;
    let takenBack = false;
    const now = performance.now();
    const late = now - this.#due;
    for (const worker of [...this.#workers]) {
      const batch = worker.batches[0];
      if (batch === undefined) continue;
      busy = true;
      // What workers have said while the reactor stood still, it has not heard yet.
      if (late > LATE) worker.seenAt = Math.min(now, worker.seenAt + late);
      const { started } = batch;
      if (started !== worker.seenStarted) {
        worker.seenStarted = started;
        worker.seenAt = now;
        moved = true;
      }
      const age = now - worker.seenAt;
      batch.harvest();
      if (this.#options.jobTimeout > 0 && age >= this.#options.jobTimeout * 1000) {
        this.#options.expired(worker);
      } else if (
        now - worker.busySince >= SLOW_JOB && worker.batches.some((each) => each.waiting)
      ) {
        batch.stalled(age * 1000);
        worker.revoke();
        takenBack = true;
      }
    }
    if (takenBack) this.#options.takenBack();
    if (!busy || this.#timer !== undefined) return;
    this.#lookIn(moved || takenBack ? FIRST_LOOK : Math.min(LAST_LOOK, this.#interval * 2));
  }
}
