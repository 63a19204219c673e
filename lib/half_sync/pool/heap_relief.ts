/** Relief for workers whose heap is too large: another one takes over, and the memory is given back. */

import type { Succession } from "./succession.ts";
import { Timers } from "./timers.ts";
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
  failed: (id: number, reason: string, retrySeconds: number) => void;
}

/** Has full workers replaced. */
export class HeapRelief {
  readonly #options: HeapReliefOptions;
  readonly #full = new WeakSet<WorkerHost>();
  /** For each ID, when its worker was last relieved, and the lines that the ID had run by then. */
  readonly #relieved = new Map<number, { at: number; lines: number }>();
  readonly #timers = new Timers();

  constructor(options: HeapReliefOptions) {
    this.#options = options;
  }

  /** A worker's heap is too large: has it replaced, as soon as that helps. */
  async relieve(worker: WorkerHost): Promise<void> {
    const { succession, relieved, failed } = this.#options;
    if (this.#full.has(worker)) return;
    this.#full.add(worker);
    const wait = this.#tooSoon(worker);
    if (wait > 0) await this.#timers.wait(wait);
    while (worker.state === "ready") {
      const fault = await succession.succeed(worker);
      if (fault === undefined) {
        this.#relieved.set(worker.id, { at: performance.now(), lines: worker.account.lines });
        return relieved(worker);
      }
      if (worker.state !== "ready") return;
      failed(worker.id, fault, RETRY);
      await this.#timers.wait(RETRY);
    }
  }

  /** Seconds that a worker which is full too soon after its start has to wait for its relief. */
  #tooSoon(worker: WorkerHost): number {
    const last = this.#relieved.get(worker.id);
    if (last === undefined) return 0;
    const { lines, bootSeconds = 0 } = worker.account;
    const few = lines - last.lines <= FEW_LINES;
    const wait = (few ? PATIENCE : BOOTS * bootSeconds) - (performance.now() - last.at) / 1000;
    if (few && wait > 0) {
      this.#options.failed(worker.id, "its heap is too large from the start", Math.ceil(wait));
    }
    return wait;
  }

  /** Relieves nobody any more. */
  close(): void {
    this.#timers.close();
  }
}
