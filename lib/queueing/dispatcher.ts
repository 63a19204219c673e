/**
 * Dispatcher of the queueing layer: decides what goes to which executor, and when. An executor holds no more
 * than it can soon do. So quick jobs are never stuck behind a slow one while another executor is idle.
 */

import type { Executor, ExecutorSet } from "./executor.ts";
import type { Flow } from "./flow.ts";
import type { JobQueue } from "./job_queue.ts";
import { type Lane, MIN_WORK } from "./lane.ts";
import { tuned } from "../tuning.ts";

/**
 * Most estimated work of a batch, in microseconds: ten times what a message costs. With less, messages take
 * too much of the time; with more, lines wait longer for each other.
 */
const MAX_BATCH = tuned("batchWork", 1000);

/**
 * Least work of short lines that is sent ahead, in microseconds: what a worker takes to tell of a batch and
 * get the next one. With more, workers stand idle in between. Long lines need a full batch: sent ahead as
 * early, they keep the reactor so busy that other clients wait two to six times as long.
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
   * Lets all lines of one turn of the event loop go together, whatever their connection: chunks of whole
   * lines are accepted before this microtask runs.
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

  /** Sends jobs of a lane that `idle` idle executors share. @returns whether there were any */
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
   * Whether enough waits to send a busy executor some ahead of time: a full batch or, of short lines, what it
   * can do while it would wait for the reactor.
   */
  #isEnough(lane: Lane<Flow>): boolean {
    const enough = this.#queue.hasShortLines(lane) ? MIN_AHEAD : MAX_BATCH;
    return lane.waiting * this.#queue.cost >= enough;
  }
}
