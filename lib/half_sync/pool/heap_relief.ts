/** Relief of workers whose heap is too large: another one takes over, and their memory is given back. */

import type { Succession } from "./succession.ts";
import type { WorkerHost } from "./worker_host.ts";

/** Seconds before it is tried again where no successor could be had. */
const RETRY = 5;

/** Options of a {@linkcode HeapRelief}. */
export interface HeapReliefOptions {
  succession: Succession;
  /** A worker has a successor. */
  relieved: (worker: WorkerHost) => void;
  /** A worker has none, and goes on with its heap as it is. */
  failed: (worker: WorkerHost, reason: string, retrySeconds: number) => void;
}

/** Sees to it that full workers are replaced. */
export class HeapRelief {
  readonly #options: HeapReliefOptions;
  /** Those under way, each with its timer where it waits for the next try. */
  readonly #workers = new Map<WorkerHost, ReturnType<typeof setTimeout> | undefined>();
  #closed = false;

  constructor(options: HeapReliefOptions) {
    this.#options = options;
  }

  /** Has a worker replaced, if its heap is too large and that is not under way. */
  async check(worker: WorkerHost): Promise<void> {
    const { succession, relieved, failed } = this.#options;
    if (!worker.full || this.#workers.has(worker) || succession.isPlanned(worker)) return;
    this.#workers.set(worker, undefined);
    const fault = await succession.succeed(worker);
    if (this.#closed) return;
    if (fault === undefined || worker.state !== "ready") {
      this.#workers.delete(worker);
      if (fault === undefined) relieved(worker);
      return;
    }
    failed(worker, fault, RETRY);
    this.#workers.set(worker, setTimeout(() => this.#workers.delete(worker), RETRY * 1000));
  }

  /** Forgets all. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#workers.values()) clearTimeout(timer);
  }
}
