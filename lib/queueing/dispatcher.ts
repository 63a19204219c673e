/**
 * Dispatcher of the queueing layer: what goes to which worker, and when. A worker holds no more than it
 * can soon do, so that a slow job never has quick ones stuck behind it while another worker is idle.
 */

import type { WorkerPool } from "../half_sync/pool.ts";
import { type JobQueue, MIN_WORK } from "./job_queue.ts";

/** A worker is sent so much estimated work at once, in microseconds: ten times what a message costs. */
const MAX_BATCH = 1000;

/**
 * Least work of short lines that is sent ahead, in microseconds: what a worker takes to tell of a batch
 * and get the next one. Measured: 3 to 8 % with 4 clients that send 512 lines ahead. Lines of 1 KiB would
 * gain 12 %, and keep the reactor so busy that a polite client waits twice as long, beside lines of 64 KiB
 * six times.
 */
const MIN_AHEAD = 50;

/**
 * With so many lines under way, or fewer, the reactor looks out for the end of a batch, and a worker
 * listens for the next one, instead of going to sleep. To wake a thread costs as much as a dozen cheap
 * jobs; with more lines, more of them share that, and the processors have better things to do.
 */
const FEW_FOR_REACTOR = 128;
const FEW_FOR_WORKER = 8;

/** How fast the load that counts falls back to the true one, at each turn that brings lines. */
const DECAY = 0.98;

/** Moves jobs from the queue to the workers. */
export class Dispatcher {
  readonly #queue: JobQueue;
  readonly #pool: WorkerPool;
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
   * chunks of whole lines that it has read are accepted before this microtask's turn comes.
   */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#load = Math.max(this.#queue.unanswered, this.#load * DECAY);
      this.#dispatch();
    });
  }

  #dispatch(): void {
    const queue = this.#queue;
    while (queue.waiting > 0) {
      const worker = this.#pool.idle() ?? this.#spare();
      if (worker === undefined) break;
      const share = queue.waiting * queue.cost / Math.max(1, this.#pool.idleCount);
      const portion = queue.take(Math.min(MAX_BATCH, Math.max(MIN_WORK, share)));
      if (portion === undefined) break;
      worker.send(portion.runs, {
        cost: portion.cost,
        lookOut: this.#load <= FEW_FOR_REACTOR,
        listen: this.#load <= FEW_FOR_WORKER,
      });
    }
  }

  /**
   * A busy worker that should be given its next batch ahead of time: when there is a full one, or, of
   * short lines, enough that the worker would be waiting for the reactor in between.
   */
  #spare() {
    const queue = this.#queue;
    const enough = queue.hasShortLines ? MIN_AHEAD : MAX_BATCH;
    return queue.waiting * queue.cost < enough ? undefined : this.#pool.leastBusy(MAX_BATCH);
  }
}
