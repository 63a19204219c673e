/**
 * Dispatcher of the queueing layer: what goes to which worker, and when. A worker holds no more than it
 * can soon do, so that a slow job never has quick ones stuck behind it while another worker is idle.
 */

import { Patience } from "../half_sync/patience.ts";
import type { WorkerPool } from "../half_sync/pool.ts";
import type { WorkerHost } from "../half_sync/worker_host.ts";
import type { JobQueue } from "./job_queue.ts";

/** A worker is sent so much estimated work at once, in microseconds: ten times what a message costs. */
const MAX_BATCH = 1000;

/** Less than this is not worth a message to a second worker. */
const MIN_BATCH = 100;

/**
 * With so many lines under way, or fewer, the load is light: worker and reactor listen for each other
 * instead of going to sleep. With more of them the processors have better things to do than to wait.
 */
const LIGHT_LOAD = 8;

/** How fast the load that counts falls back to the true one, at each turn that brings lines. */
const DECAY = 0.98;

/** How long the reactor listens for the end of a light batch, in milliseconds. */
const LISTENING = 0.05;

/** Moves jobs from the queue to the workers. */
export class Dispatcher {
  readonly #queue: JobQueue;
  readonly #pool: WorkerPool;
  readonly #patience = new Patience();
  /** The most lines under way lately. */
  #load = 0;
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
      this.#load = Math.max(this.#queue.unanswered, this.#load * DECAY);
      const worker = this.#dispatch();
      if (worker !== undefined && this.#light) this.#listen(worker);
    });
  }

  get #light(): boolean {
    return this.#load <= LIGHT_LOAD;
  }

  /** Listens for the end of a batch, if that can be close. Meanwhile the event loop stands still. */
  #listen(worker: WorkerHost): void {
    if (this.#queue.cost > LISTENING * 1000) return;
    this.#patience.try(LISTENING, (millis) => worker.listen(millis));
  }

  /** @returns the worker that was sent jobs last */
  #dispatch(): WorkerHost | undefined {
    const queue = this.#queue;
    let last: WorkerHost | undefined;
    while (queue.waiting > 0) {
      const worker = this.#pool.idle() ?? this.#spare();
      if (worker === undefined) break;
      const share = queue.waiting * queue.cost / Math.max(1, this.#pool.idleCount);
      const portion = queue.take(Math.min(MAX_BATCH, Math.max(MIN_BATCH, share)));
      if (portion === undefined) break;
      worker.send(portion.runs, { cost: portion.cost, light: this.#light });
      last = worker;
    }
    return last;
  }

  /** A busy worker that should be given its next batch ahead of time: when there is a full one. */
  #spare() {
    const queue = this.#queue;
    if (queue.waiting * queue.cost < MAX_BATCH) return undefined;
    return this.#pool.leastBusy(MAX_BATCH);
  }
}
