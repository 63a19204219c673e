/**
 * Departures: workers that have left their places and finish what they hold. A worker goes on for connections
 * pinned to it until they end; at the drain timeout they must.
 */

import { Timers } from "./timers.ts";
import type { WorkerHost } from "./worker_host.ts";
import type { WorkerSet } from "./worker_set.ts";

/** Options of {@linkcode Departures}. */
export interface DeparturesOptions {
  workers: WorkerSet;
  /** Seconds that connections may keep a worker, and that its handler has to dispose of what it has. */
  drainTimeout: number;
  /** Resolves when no connection is pinned to a worker any more. */
  whenUnpinned: (worker: WorkerHost) => Promise<void>;
  /** A worker has to go, or is gone: connections pinned to it end. */
  expel: (worker: WorkerHost, isAlive: boolean) => void;
}

/** The workers of a pool that are about to end. */
export class Departures {
  readonly #options: DeparturesOptions;
  readonly #timers = new Timers();
  /** Workers that no connection needs any more. */
  readonly #free = new Set<WorkerHost>();

  constructor(options: DeparturesOptions) {
    this.#options = options;
  }

  /** A worker has left its place. */
  async add(worker: WorkerHost): Promise<void> {
    const { drainTimeout, whenUnpinned, expel } = this.#options;
    const stop = this.#timers.start(drainTimeout, () => expel(worker, true));
    await whenUnpinned(worker);
    stop();
    this.#free.add(worker);
    await this.check(worker);
  }

  /** Ends a worker that has left its place, if it holds nothing and no connection needs it. */
  async check(worker: WorkerHost): Promise<void> {
    const { workers, expel, drainTimeout } = this.#options;
    if (!worker.idle || !this.#free.delete(worker)) return;
    await worker.dispose(drainTimeout);
    workers.remove(worker);
    worker.terminate();
    expel(worker, false);
  }

  /** Stops all waits. */
  close(): void {
    this.#timers.close();
  }
}
