/**
 * Half-sync layer: the fixed set of workers, as the queueing layer sees it. It hears what becomes of workers,
 * and decides what follows.
 */

import type { ReplacementReason } from "../../observe/events.ts";
import type { WorkerShown } from "../../observe/snapshot.ts";
import type { Executor, ExecutorSet, Portion } from "../../queueing/executor.ts";
import { MAX_BATCH_BYTES, MAX_BATCH_LINES } from "../memory/batch_slot.ts";
import { Bell } from "../memory/hop.ts";
import { tellFault, type ThrownFault } from "../worker/fault_report.ts";
import { BellListener } from "./bell_listener.ts";
import { Departures } from "./departures.ts";
import { HeapRelief } from "./heap_relief.ts";
import { LateWorkers } from "./late_workers.ts";
import type { PoolOptions } from "./pool_options.ts";
import { showWorkers } from "./show_workers.ts";
import { Succession } from "./succession.ts";
import { Watchdog } from "./watchdog.ts";
import { WorkerAccounts } from "./worker_account.ts";
import type { WorkerHost, WorkerListener } from "./worker_host.ts";
import { WorkerSet } from "./worker_set.ts";
import { secondsText } from "../../seconds_text.ts";

export class WorkerPool implements ExecutorSet, WorkerListener {
  readonly capacity = { lines: MAX_BATCH_LINES, bytes: MAX_BATCH_BYTES };
  onRoom: () => void = () => {};
  onLost: ExecutorSet["onLost"] = () => {};
  whenUnpinned: ExecutorSet["whenUnpinned"] = () => Promise.resolve();
  readonly parallel: number;
  /** Workers that took the place of others, by reason. */
  readonly replacements = { timeout: 0, died: 0, heap: 0, reload: 0 };
  readonly #failure = Promise.withResolvers<never>();
  /** Rejects when the pool cannot go on. */
  readonly failed = this.#failure.promise;
  readonly #options: PoolOptions;
  readonly #workers: WorkerSet;
  readonly #accounts = new WorkerAccounts();
  readonly #late = new LateWorkers((worker) => this.#abandon(worker));
  readonly #succession: Succession;
  readonly #relief: HeapRelief;
  readonly #watchdog: Watchdog;
  readonly #ear: BellListener;
  readonly #departures: Departures;
  readonly #bootFailed = (worker: number, reason: string, retrySeconds: number) =>
    this.#options.onEvent({ type: "worker_boot_failed", worker, reason, retrySeconds });
  /** Resolves when all workers are ready, or the start waits for them no longer. */
  readonly #started = Promise.withResolvers<void>();

  /**
   * Starts all workers, and waits until they are ready or the signal aborts.
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
      pool.#succession.persist();
    } catch (error) {
      pool.close();
      throw error;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
    return pool;
  }

  private constructor(options: PoolOptions) {
    const { workers, descriptors, jobTimeout, bell = new Bell() } = options;
    this.#options = options;
    this.parallel = workers;
    this.failed.catch(() => {}); // those that wait for it hear of it
    this.#workers = new WorkerSet(workers);
    this.#departures = new Departures({
      workers: this.#workers,
      drainTimeout: options.drainTimeout,
      whenUnpinned: (worker) => this.whenUnpinned(worker),
      expel: (worker, isAlive) => this.onLost(worker, "its worker was replaced", isAlive),
    });
    this.#watchdog = new Watchdog({
      jobTimeout,
      workers: this.#workers,
      expired: (worker) => this.#expire(worker),
      takenBack: () => this.onRoom(),
    });
    this.#ear = new BellListener(bell, {
      rung: () => this.#collect(),
      expected: () => this.#workers.all.some(({ idle }) => !idle) || this.#late.all.length > 0,
    });
    this.#succession = new Succession({
      worker: { ...options, bell, accounts: this.#accounts },
      workers: this.#workers,
      descriptors,
      listener: this,
      retried: this.#bootFailed,
      failed: (error) => this.#failure.reject(error),
    });
    this.#relief = new HeapRelief({
      succession: this.#succession,
      relieved: (worker) => this.#renewed(worker, "heap", options.maxHeap),
      failed: this.#bootFailed,
    });
    for (let id = 1; id <= workers; id++) this.#succession.fill(id);
  }

  idle(): Executor | undefined {
    return this.#workers.idle();
  }

  get idleCount(): number {
    return this.#workers.idleCount;
  }

  leastBusy(load: number): Executor | undefined {
    return this.#workers.leastBusy(load);
  }

  get all(): readonly Executor[] {
    return this.#workers.seated;
  }

  /** Workers given up that have not come back. */
  get abandoned(): number {
    return this.#late.stuck;
  }

  /** What each ID's worker is at. */
  shown(): WorkerShown[] {
    return showWorkers({ places: this.#workers, late: this.#late, accounts: this.#accounts });
  }

  /** Takes back all lines not started. */
  recall(): void {
    for (const worker of this.#workers.all) worker.revoke(performance.now());
  }

  /**
   * Loads the handler anew, worker after worker; each goes on until its successor is ready.
   *
   * @throws {Error} if the handler cannot be loaded: the old workers stay
   */
  async reload(): Promise<void> {
    for (let id = 1; id <= this.#options.workers; id++) {
      const before = await this.#succession.renew(id);
      if (before !== undefined) this.#renewed(before, "reload");
    }
  }

  /** Lets each worker's handler dispose of what it has, for so many seconds; boots no worker any more. */
  async dispose(seconds: number): Promise<void> {
    this.#succession.close();
    this.#relief.close();
    await Promise.all(this.#workers.all.map((worker) => worker.dispose(seconds)));
  }

  /** Ends all workers, as far as Deno can. */
  close(): void {
    this.#succession.close();
    this.#relief.close();
    this.#watchdog.stop();
    this.#ear.close();
    this.#departures.close();
    for (const worker of this.#workers.all) worker.terminate();
    this.#late.close();
  }

  booted(worker: WorkerHost): void {
    const boot = this.#succession.booted(worker);
    const before = this.#workers.at(worker.id);
    if (boot === undefined || before !== undefined && before !== boot.from) {
      return worker.terminate(); // the worker that it was to follow has another successor
    }
    this.#workers.install(worker);
    if (before !== undefined) void this.#departures.add(before);
    if (this.#workers.complete) this.#started.resolve();
    this.onRoom();
  }

  begun(_: WorkerHost, { unanswered }: Portion): void {
    this.#ear.expect(unanswered);
    this.#watchdog.start();
  }

  freed(worker: WorkerHost): void {
    if (worker.state === "retiring") void this.#departures.check(worker);
    this.onRoom();
  }

  died(worker: WorkerHost, reason: string): void {
    if (this.#succession.died(worker, reason) || this.#late.release(worker)) return;
    worker.abort("the worker that ran this job died");
    this.#lose(worker, "died", reason);
  }

  grown = (worker: WorkerHost) => void this.#relief.relieve(worker);

  heard(worker: WorkerHost): void {
    if (this.#late.release(worker) || worker.state === "gone") return;
    if (worker.stopped) this.#expire(worker); // its guard was faster than the watchdog
  }

  faulted({ id: worker }: WorkerHost, fault: ThrownFault, stray: boolean): void {
    tellFault(this.#options.onEvent, { worker, fault, stray });
  }

  #collect(): void {
    for (const worker of [...this.#workers.all, ...this.#late.all]) worker.collect();
  }

  /** A job has run over its time: its line fails, its worker is replaced. */
  #expire(worker: WorkerHost): void {
    const seconds = this.#options.jobTimeout;
    worker.abort(`the job ran longer than the limit of ${secondsText(seconds)}`);
    this.#late.add(worker);
    this.#lose(worker, "timeout", `a job ran longer than ${secondsText(seconds)}`);
  }

  /** A worker is lost, and its lines are settled: another one takes its place. */
  #lose(worker: WorkerHost, reason: ReplacementReason, sentence: string): void {
    this.#succession.lost(worker);
    const free = this.#workers.remove(worker);
    this.replacements[reason]++;
    this.#accounts.of(worker.id).replaced++;
    this.#options.onEvent({ type: "worker_replaced", worker: worker.id, reason: sentence });
    this.onLost(worker, sentence, false);
    if (free) this.#succession.fill(worker.id);
    this.onRoom();
  }

  /** Another worker has taken its place, by plan. */
  #renewed({ id: worker }: WorkerHost, reason: "heap" | "reload", limit?: number): void {
    this.replacements[reason]++;
    this.#accounts.of(worker).replaced++;
    this.#options.onEvent({ type: "worker_renewed", worker, reason, ...limit && { limit } });
  }

  #abandon({ id }: WorkerHost): void {
    const limit = this.#options.maxAbandoned;
    const { abandoned } = this;
    this.#options.onEvent({ type: "worker_abandoned", worker: id, abandoned, limit });
    if (abandoned < limit) return;
    const workers = abandoned === 1 ? "a worker is" : `${abandoned} workers are`;
    this.#failure.reject(new Error(`${workers} stuck in jobs that do not end`));
  }
}
