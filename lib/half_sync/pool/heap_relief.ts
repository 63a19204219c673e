/** Relief for workers whose heap is too large: another one takes over, and the memory is given back. */

import type { Succession } from "./succession.ts";
import type { WorkerHost } from "./worker_host.ts";

/** Seconds until the next try, if no successor could start. */
const RETRY = 5;

/** A worker that is full again after so few lines needs more than it may have: a new one would not help. */
const FEW_LINES = 8;

/** Seconds that such a worker goes on as it is: with fewer, boots take most of its time. */
const PATIENCE = 10;

/**
 * Any other goes on for so many times the length of a boot: with fewer, boots take too much of a processor.
 */
const BOOTS = 2;

/** Options of a {@linkcode HeapRelief}. */
export interface HeapReliefOptions {
  succession: Succession;
  /** A worker has a successor. */
  relieved: (worker: WorkerHost) => void;
  /** A worker has no successor, and goes on with its heap as it is. */
  failed: (worker: WorkerHost, reason: string, retrySeconds: number) => void;
}

/** Has full workers replaced. */
export class HeapRelief {
  readonly #options: HeapReliefOptions;
  readonly #full = new WeakSet<WorkerHost>();
  /** Workers being relieved; with a timer while they wait for the next try. */
  readonly #workers = new Map<WorkerHost, ReturnType<typeof setTimeout> | undefined>();
  /** For each ID, when its worker was last relieved, and the lines that the ID had run by then. */
  readonly #relieved = new Map<number, { at: number; lines: number }>();
  #closed = false;

  constructor(options: HeapReliefOptions) {
    this.#options = options;
  }

  /** A worker's heap is too large. */
  add(worker: WorkerHost): Promise<void> {
    this.#full.add(worker);
    return this.check(worker);
  }

  /** Has a worker replaced if its heap is too large, unless that is under way. */
  async check(worker: WorkerHost): Promise<void> {
    const { succession, relieved, failed } = this.#options;
    if (!this.#full.has(worker) || worker.state !== "ready") return;
    if (this.#workers.has(worker) || succession.isPlanned(worker)) return;
    if (this.#hasToWait(worker)) return;
    this.#workers.set(worker, undefined);
    const fault = await succession.succeed(worker);
    if (this.#closed) return;
    if (fault === undefined || worker.state !== "ready") {
      this.#workers.delete(worker);
      if (fault !== undefined) return;
      this.#relieved.set(worker.id, { at: performance.now(), lines: worker.account.lines });
      relieved(worker);
      return;
    }
    failed(worker, fault, RETRY);
    this.#workers.set(worker, setTimeout(() => this.#workers.delete(worker), RETRY * 1000));
  }

  /** Whether a worker is full too soon after its start, and has to wait for its relief. */
  #hasToWait(worker: WorkerHost): boolean {
    const last = this.#relieved.get(worker.id);
    if (last === undefined) return false;
    const { lines, bootSeconds = 0 } = worker.account;
    const few = lines - last.lines <= FEW_LINES;
    const wait = last.at + (few ? PATIENCE : BOOTS * bootSeconds) * 1000 - performance.now();
    if (wait <= 0) return false;
    if (few) {
      this.#options.failed(worker, "its heap is too large from the start", Math.ceil(wait / 1000));
    }
    this.#workers.set(worker, setTimeout(() => this.#workers.delete(worker), wait));
    return true;
  }

  /** Forgets all. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#workers.values()) clearTimeout(timer);
  }
}
