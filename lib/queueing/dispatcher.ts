/**
 * Dispatcher of the queueing layer: what goes to which worker, and when. A worker holds no more than it
 * can soon do, so that a slow job never has quick ones stuck behind it while another worker is idle.
 */

import type { WorkerPool } from "../half_sync/pool.ts";
import type { JobQueue } from "./job_queue.ts";

/** A worker is sent so much estimated work at once, in microseconds: ten times what a message costs. */
const MAX_BATCH = 1000;

/** Less than this is not worth a message to a second worker. */
const MIN_BATCH = 100;

/** Moves jobs from the queue to the workers. */
export class Dispatcher {
  readonly #queue: JobQueue;
  readonly #pool: WorkerPool;
  #scheduled = false;

  constructor(queue: JobQueue, pool: WorkerPool) {
    this.#queue = queue;
    this.#pool = pool;
    queue.onJob = () => this.#schedule();
    pool.onRoom = () => this.#dispatch();
  }

  /**
   * Lets the lines that come in during one turn of the event loop, of all connections, go together: all
   * that it has read passes the framing in step, and is accepted before this microtask's turn comes.
   */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    const queue = this.#queue;
    while (queue.waiting > 0) {
      const worker = this.#pool.idle() ?? this.#spare();
      if (worker === undefined) return;
      const share = queue.waiting * queue.cost / Math.max(1, this.#pool.idleCount);
      const portion = queue.take(Math.min(MAX_BATCH, Math.max(MIN_BATCH, share)));
      if (portion === undefined) return;
      worker.send(portion.runs, portion.cost);
    }
  }

  /** A busy worker that should be given its next batch ahead of time: when there is a full one. */
  #spare() {
    const queue = this.#queue;
    if (queue.waiting * queue.cost < MAX_BATCH) return undefined;
    return this.#pool.leastBusy(MAX_BATCH);
  }
}
