/**
 * Half-sync layer: the fixed set of workers. A worker that is lost is replaced under its ID; one that
 * cannot be started again and again, or too many that are stuck, end the pool with a reason.
 */

import type { DescriptorReserve } from "../descriptors.ts";
import type { EventListener } from "../events.ts";
import { reason } from "../reason.ts";
import { loadFault } from "./handlers.ts";
import { Watchdog } from "./watchdog.ts";
import { WorkerHost, type WorkerListener, type WorkerOptions } from "./worker_host.ts";

/** Options of a {@linkcode WorkerPool}. */
export interface PoolOptions extends WorkerOptions {
  /** Size of the fixed set. */
  workers: number;
  /** Seconds a job may run; 0: for ever. */
  jobTimeout: number;
  /** Stuck workers that end the pool. */
  maxAbandoned: number;
  /** What a worker starts with when clients have taken everything else. */
  descriptors: DescriptorReserve;
  /** When it aborts, nobody waits for the workers any more. */
  signal?: AbortSignal;
  onEvent: EventListener;
}

/** Boot failures in a row, of one worker's place, that end the pool. */
const MAX_BOOT_FAILURES = 5;

/** Wait before a failed boot is tried again, in seconds; doubled each time. */
const FIRST_RETRY = 0.1;

/** As long a wait before a worker is started for which there was no descriptor, or no thread. */
const RESOURCE_RETRY = 0.5;

/** A worker over its time that answers a question within so many milliseconds merely waits. */
const HEARING_TEST = 50;

/** A fixed set of workers. */
export class WorkerPool implements WorkerListener {
  /** Called when a worker has room for a batch, or lines have been taken back from one. */
  onRoom: () => void = () => {};
  /** Workers that took the place of others. */
  replaced = 0;
  /** Rejects when the pool cannot go on. */
  readonly failed: Promise<never>;
  readonly #options: PoolOptions;
  readonly #workers: WorkerHost[] = [];
  /** Workers over their time, and those of them that are stuck in their job. */
  readonly #late = new Set<WorkerHost>();
  readonly #stuck = new Set<WorkerHost>();
  readonly #bootFailures: number[];
  readonly #retries = new Set<ReturnType<typeof setTimeout>>();
  readonly #watchdog: Watchdog;
  /** Resolves when all workers are ready, or nobody waits for them any more. */
  readonly #started = Promise.withResolvers<void>();
  /** The worker that starts with the descriptors in reserve. */
  #borrower: WorkerHost | undefined;
  #next = 0;
  #running = false;
  #closed = false;
  #fail!: (error: Error) => void;

  /**
   * Starts all workers, and waits until they are ready, or until the signal aborts.
   *
   * @throws {Error} if one of them does not get ready, with the reason
   */
  static async start(options: PoolOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options);
    const { signal } = options;
    const stop = () => pool.#started.resolve();
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) stop();
    try {
      await Promise.race([pool.#started.promise, pool.failed]);
      pool.#running = true;
    } catch (error) {
      pool.close();
      throw error;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
    return pool;
  }

  private constructor(options: PoolOptions) {
    this.#options = options;
    this.failed = new Promise((_, reject) => this.#fail = reject);
    this.failed.catch(() => {}); // whoever waits for it hears of it
    this.#bootFailures = Array(options.workers).fill(0);
    this.#watchdog = new Watchdog(this.#workers, {
      jobTimeout: options.jobTimeout,
      expired: (worker) => this.#expire(worker),
      takenBack: () => this.onRoom(),
    });
    for (let id = 1; id <= options.workers && this.#boot(id); id++);
  }

  /** A worker with nothing to do: one that is awake, or else they take turns. */
  idle(): WorkerHost | undefined {
    const count = this.#workers.length;
    let found: WorkerHost | undefined;
    for (let offset = 0; offset < count; offset++) {
      const worker = this.#workers[(this.#next + offset) % count];
      if (!worker.hasRoom || worker.batches.length > 0) continue;
      found ??= worker;
      if (!worker.awake) continue;
      found = worker;
      break;
    }
    if (found === undefined) return undefined;
    this.#next = found.id; // the index of the one behind it: IDs begin with 1
    this.#watchdog.start();
    return found;
  }

  /** How many workers have nothing to do. */
  get idleCount(): number {
    let count = 0;
    for (const worker of this.#workers) if (worker.hasRoom && worker.batches.length === 0) count++;
    return count;
  }

  /** Workers given up, stuck in a job, that have not come back. */
  get abandoned(): number {
    return this.#stuck.size;
  }

  /** Of the busy workers that have room, the one with the least to do, if that is under `load` µs. */
  leastBusy(load: number): WorkerHost | undefined {
    let least: WorkerHost | undefined;
    for (const worker of this.#workers) {
      if (!worker.hasRoom || worker.load >= load) continue;
      if (least === undefined || worker.load < least.load) least = worker;
    }
    return least;
  }

  /** Ends all workers, as far as Deno can. */
  close(): void {
    this.#closed = true;
    this.#watchdog.stop();
    for (const timer of this.#retries) clearTimeout(timer);
    for (const worker of [...this.#workers, ...this.#late]) worker.terminate();
  }

  freed(worker: WorkerHost): void {
    if (this.#late.has(worker)) return this.#comeBack(worker);
    this.#giveBack(worker);
    this.#bootFailures[worker.id - 1] = 0;
    if (this.#workers.every((each) => each.ready)) this.#started.resolve();
    this.onRoom();
  }

  died(worker: WorkerHost, reason: string): void {
    if (this.#late.has(worker)) return this.#comeBack(worker);
    if (worker.ready) {
      worker.abort(this.#errorReply("the worker that ran this job died"));
      return this.#replace(worker, reason);
    }
    this.#giveBack(worker);
    const failures = ++this.#bootFailures[worker.id - 1];
    if (!this.#running || failures >= MAX_BOOT_FAILURES) {
      return this.#fail(new Error(loadFault(this.#options.handler, reason)));
    }
    this.#retry(worker.id, reason, FIRST_RETRY * 2 ** (failures - 1));
  }

  strayed(worker: WorkerHost, reason: string): void {
    this.#options.onEvent({ type: "handler_strayed", worker: worker.id, reason });
  }

  /** Boots a worker. @returns whether the system had what it needs */
  #boot(id: number): boolean {
    const { descriptors } = this.#options;
    try {
      if (!descriptors.lend()) throw new Error("too many open files");
      const worker = this.#workers[id - 1] = new WorkerHost(id, this.#options, this);
      if (descriptors.lent) this.#borrower ??= worker;
      return true;
    } catch (error) { // a thread can be refused as well
      if (this.#borrower === undefined) descriptors.giveBack();
      if (this.#running) this.#retry(id, reason(error), RESOURCE_RETRY);
      else this.#fail(new Error(`cannot start worker ${id}: ${reason(error)}`));
      return false;
    }
  }

  #giveBack(worker: WorkerHost): void {
    if (worker !== this.#borrower) return;
    this.#borrower = undefined;
    this.#options.descriptors.giveBack();
  }

  /** Boots a worker again after so many seconds. */
  #retry(worker: number, reason: string, retrySeconds: number): void {
    this.#options.onEvent({ type: "worker_boot_failed", worker, reason, retrySeconds });
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      this.#boot(worker);
    }, retrySeconds * 1000);
    this.#retries.add(timer);
  }

  #replace(worker: WorkerHost, reason: string): void {
    this.replaced++;
    this.#options.onEvent({ type: "worker_replaced", worker: worker.id, reason });
    this.#boot(worker.id);
    this.onRoom();
  }

  /** A job has run over its time: its line fails, its worker is replaced. */
  async #expire(worker: WorkerHost): Promise<void> {
    const seconds = this.#options.jobTimeout;
    this.#late.add(worker);
    worker.abort(this.#errorReply(`the job ran longer than the limit of ${seconds} seconds`));
    this.#replace(worker, `a job ran longer than ${seconds} seconds`);
    if (await worker.hears(HEARING_TEST)) return this.#comeBack(worker);
    if (this.#closed || !this.#late.has(worker)) return;
    this.#stuck.add(worker);
    const limit = this.#options.maxAbandoned;
    const abandoned = this.#stuck.size;
    this.#options.onEvent({ type: "worker_abandoned", worker: worker.id, abandoned, limit });
    if (abandoned >= limit) {
      const workers = abandoned === 1 ? "a worker is" : `${abandoned} workers are`;
      this.#fail(new Error(`${workers} stuck in jobs that do not end`));
    }
  }

  /** A worker that was given up can be ended for good: it is out of its job, or merely waits. */
  #comeBack(worker: WorkerHost): void {
    this.#late.delete(worker);
    this.#stuck.delete(worker);
    worker.terminate();
  }

  #errorReply(sentence: string): Uint8Array {
    return new TextEncoder().encode(`ERR ${sentence}${this.#options.terminator}`);
  }
}
