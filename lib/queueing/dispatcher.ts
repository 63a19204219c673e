/**
 * Dispatcher of the queueing layer: what goes to which executor, and when. One holds no more than it can
 * soon do, so that a slow job never has quick ones stuck behind it while another executor is idle.
 */

import type { Executor, ExecutorSet } from "./executor.ts";
import type { Flow } from "./flow.ts";
import type { JobQueue } from "./job_queue.ts";
import { type Lane, MIN_WORK } from "./lane.ts";
import { tuned } from "../tuning.ts";

/** A worker is sent so much estimated work at once, in microseconds: ten times what a message costs. */
const MAX_BATCH = tuned("batchWork", 1000);

/**
 * Least work of short lines that is sent ahead, in microseconds: what a worker takes to tell of a batch
 * and get the next one. Measured: 3 to 8 % with 4 clients that send 512 lines ahead. Lines of 1 KiB would
 * gain 12 %, and keep the reactor so busy that a polite client waits twice as long, beside lines of 64 KiB
 * six times.
 */
const MIN_AHEAD = tuned("workAhead", 50);

/** Moves jobs from the queue to the workers. */
export class Dispatcher {
  readonly #queue: JobQueue;
  readonly #executors: ExecutorSet;
  #scheduled = false;

  constructor(queue: JobQueue, executors: ExecutorSet) {
    this.#queue = queue;
    this.#executors = executors;
    queue.onJob = () => this.#schedule();
    executors.onRoom = () => this.#dispatch();
    executors.onLost = (executor, reason, isAlive) => queue.pinned.expel(executor, reason, isAlive);
    executors.whenUnpinned = (executor) => queue.pinned.whenUnpinned(executor);
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
      this.#dispatch();
    });
  }

  #dispatch(): void {
    const queue = this.#queue;
    while (queue.waiting > 0) {
      const executor = this.#executors.idle() ?? this.#spare();
      if (executor === undefined) break;
      if (!this.#send(queue.lane, executor, this.#executors.idleCount)) break;
    }
    queue.pinned.seat(this.#executors.all);
    for (const [executor, lane] of queue.pinned.lanes) {
      while (lane.waiting > 0 && executor.hasRoom && (executor.idle || this.#isEnough(lane))) {
        if (!this.#send(lane, executor, 1)) break;
      }
    }
  }

  /** Sends jobs of a lane, which so many idle executors share. @returns whether there were any */
  #send(lane: Lane<Flow>, executor: Executor, idle: number): boolean {
    const share = lane.waiting * this.#queue.cost / Math.max(1, idle);
    const portion = this.#queue.take(Math.min(MAX_BATCH, Math.max(MIN_WORK, share)), lane);
    if (portion === undefined) return false;
    executor.send(portion);
    return true;
  }

  /** A busy executor that should be given its next batch ahead of time. */
  #spare(): Executor | undefined {
    return this.#isEnough(this.#queue.lane) ? this.#executors.leastBusy(MAX_BATCH) : undefined;
  }

  /**
   * Whether so much waits that a busy executor should be sent some ahead of time: a full batch, or, of
   * short lines, enough that it would be waiting for the reactor in between.
   */
  #isEnough(lane: Lane<Flow>): boolean {
    const enough = this.#queue.hasShortLines(lane) ? MIN_AHEAD : MAX_BATCH;
    return lane.waiting * this.#queue.cost >= enough;
  }
}
