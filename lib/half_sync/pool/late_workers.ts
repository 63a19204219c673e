/**
 * Workers whose job ran over its time, and that have been replaced. Most are soon heard of: they are in their
 * event loop, or their guard stops them. A worker that is not is abandoned: its code cannot be stopped.
 */

import type { WorkerHost } from "./worker_host.ts";

/**
 * Milliseconds within which a late worker must be heard of. Its guard strikes up to 0.8 s after the job's
 * limit: with less time than that, workers that will stop count as stuck.
 */
const GRACE = 1500;

/**
 * If a look comes so many milliseconds late, the reactor stood still and heard nothing. With less, a busy
 * reactor never gives up a stuck worker.
 */
const LATE = 100;

/** The late workers of a pool. */
export class LateWorkers {
  readonly #abandon: (worker: WorkerHost) => void;
  /** Workers that may still be heard of in time, each with its timer. */
  readonly #waiting = new Map<WorkerHost, ReturnType<typeof setTimeout>>();
  readonly #stuck = new Set<WorkerHost>();

  /** @param abandon Called for a worker that is not heard of in time */
  constructor(abandon: (worker: WorkerHost) => void) {
    this.#abandon = abandon;
  }

  /** How many are stuck: not heard of in time, and not come back. */
  get stuck(): number {
    return this.#stuck.size;
  }

  /** Whether a worker was not heard of in time. */
  isStuck(worker: WorkerHost): boolean {
    return this.#stuck.has(worker);
  }

  /** All workers that may come back. */
  get all(): WorkerHost[] {
    return [...this.#waiting.keys(), ...this.#stuck];
  }

  /** A worker is late from now on. */
  add(worker: WorkerHost): void {
    this.#wait(worker);
    worker.ask(); // the answer may come at once
  }

  /** A late worker was heard of, or has ended: ends it for good. @returns whether it was late */
  release(worker: WorkerHost): boolean {
    clearTimeout(this.#waiting.get(worker));
    const wasLate = this.#waiting.delete(worker) || this.#stuck.delete(worker);
    if (wasLate) worker.terminate();
    return wasLate;
  }

  /** Ends all, as far as Deno can; stuck workers stay counted. */
  close(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    for (const worker of this.all) worker.terminate();
    this.#waiting.clear();
  }

  #wait(worker: WorkerHost): void {
    const due = performance.now() + GRACE;
    const timer = setTimeout(() => {
      if (performance.now() - due > LATE) return this.#wait(worker);
      this.#waiting.delete(worker);
      this.#stuck.add(worker);
      this.#abandon(worker);
    }, GRACE);
    this.#waiting.set(worker, timer);
  }
}
