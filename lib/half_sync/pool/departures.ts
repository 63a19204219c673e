/**
 * Departures: workers that have left their places, and end what they hold. Where connections are pinned to
 * one it goes on for them, until they end or the drain timeout is over.
 */

import type { WorkerHost } from "./worker_host.ts";
import type { WorkerSet } from "./worker_set.ts";

/** Options of {@linkcode Departures}. */
export interface DeparturesOptions {
  workers: WorkerSet;
  /** Seconds for which connections may keep a worker, and a handler may dispose of what it has. */
  drainTimeout: number;
  /** Whether connections are pinned to a worker. */
  isPinned: (worker: WorkerHost) => boolean;
  /** Connections that are pinned to a worker have to end. */
  expel: (worker: WorkerHost) => void;
}

/** The workers of a pool that are about to end. */
export class Departures {
  readonly #options: DeparturesOptions;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  constructor(options: DeparturesOptions) {
    this.#options = options;
  }

  /** A worker has left its place. */
  add(worker: WorkerHost): void {
    void this.check(worker);
    if (!this.#options.isPinned(worker)) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (worker.state !== "gone") this.#options.expel(worker);
      void this.check(worker);
    }, this.#options.drainTimeout * 1000);
    this.#timers.add(timer);
  }

  /** Ends a worker, if it has left its place, holds nothing, and no connection needs it. */
  async check(worker: WorkerHost): Promise<void> {
    const { workers, isPinned, drainTimeout } = this.#options;
    if (!workers.isRetiring(worker) || !worker.idle || isPinned(worker)) return;
    await worker.dispose(drainTimeout);
    workers.remove(worker);
    worker.terminate();
  }

  /** Waits for none any more. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
