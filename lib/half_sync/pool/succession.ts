/**
 * Succession: which worker takes the place of another. A lost worker leaves a gap, which is filled as soon as
 * possible. A worker that is replaced by plan goes on until its successor is ready, or for good if none is.
 */

import type { DescriptorReserve } from "../../descriptors.ts";
import { loadFault } from "../../handlers/mod.ts";
import { type Boot, Booter } from "./booter.ts";
import type { WorkerOptions } from "./box.ts";
import type { WorkerHost, WorkerListener } from "./worker_host.ts";
import type { WorkerSet } from "./worker_set.ts";

/**
 * Boot failures in a row, in one place, that end the pool: with more, a broken handler goes unnoticed for
 * long; with fewer, a bad moment ends the server.
 */
const MAX_FAILURES = 5;

/** Wait before a failed boot is tried again, in seconds; doubled each time. */
const FIRST_RETRY = 0.1;

/** Why a worker gets no successor any more. */
const STOPS = "the server stops";

/** Options of a {@linkcode Succession}. */
export interface SuccessionOptions {
  worker: WorkerOptions;
  /** The workers in their places. */
  workers: WorkerSet;
  descriptors: DescriptorReserve;
  listener: WorkerListener;
  /** A worker did not start, and is tried again after `retrySeconds`. */
  retried: (id: number, reason: string, retrySeconds: number) => void;
  /** A worker cannot be started, and so the pool cannot go on. */
  failed: (error: Error) => void;
}

/** A boot that failed. */
interface BootFailure {
  reason: string;
  /** The reason in a sentence. */
  fault: string;
  retrySeconds: number;
}

/** Boots workers into their places. */
export class Succession {
  readonly #options: SuccessionOptions;
  readonly #booter: Booter;
  /** Boots that failed in a row, by ID. */
  readonly #failures = new Map<number, number>();
  /** Workers being replaced by plan, each with the promise of the end: the reason, if it failed. */
  readonly #planned = new Map<WorkerHost, PromiseWithResolvers<string | undefined>>();
  /** Whether a boot that fails is tried again. */
  #patient = false;
  #closed = false;

  constructor(options: SuccessionOptions) {
    this.#options = options;
    const { worker, descriptors, listener } = options;
    this.#booter = new Booter({
      worker,
      descriptors,
      listener,
      refused: (boot, reason, retrySeconds) => {
        const fault = `cannot start worker ${boot.id}: ${reason}`;
        this.#failed(boot, { reason, fault, retrySeconds });
      },
    });
  }

  /** From now on a failed boot is tried again; before, it is a failed start. */
  persist(): void {
    this.#patient = true;
  }

  /** Boots a worker for a place that is free. */
  fill(id: number): void {
    if (!this.#closed) this.#booter.boot({ id });
  }

  /**
   * Boots a successor for a worker, if one that boots already does not take over.
   *
   * @returns the reason, if it cannot take over; `undefined` when it has
   */
  async succeed(worker: WorkerHost): Promise<string | undefined> {
    for (let plan; (plan = this.#planned.get(worker)) !== undefined;) await plan.promise;
    if (this.#closed) return STOPS;
    if (worker.state !== "ready") return "it is gone, or has a successor";
    const end = Promise.withResolvers<string | undefined>();
    this.#planned.set(worker, end);
    this.#booter.boot({ id: worker.id, from: worker });
    return end.promise;
  }

  /**
   * Has the worker in a place replaced. A worker that boots there starts again: it may have loaded the old
   * handler.
   *
   * @returns the worker that was there; `undefined` if it was lost, or none was there
   * @throws {Error} if its successor cannot be started, with the reason
   */
  async renew(id: number): Promise<WorkerHost | undefined> {
    const { workers } = this.#options;
    const before = workers.at(id);
    if (before !== undefined) await this.#planned.get(before)?.promise;
    const worker = workers.at(id);
    if (worker === undefined) return void this.#booter.restart(id);
    for (let tries = 1;; tries++) {
      const fault = await this.succeed(worker);
      if (fault === undefined) return worker;
      if (worker.state !== "ready") return undefined;
      // Deno refuses a file that changes while it is loaded: one failure may be that.
      if (tries === 2) throw new Error(fault);
    }
  }

  /** A worker has booted. @returns its boot */
  booted(worker: WorkerHost): Boot | undefined {
    const boot = this.#booter.settle(worker);
    this.#failures.delete(worker.id);
    this.#settlePlan(boot?.from);
    return boot;
  }

  /** A worker has ended. @returns whether it was booting */
  died(worker: WorkerHost, reason: string): boolean {
    const boot = this.#booter.settle(worker);
    if (boot === undefined) return false;
    const failures = (this.#failures.get(boot.id) ?? 0) + 1;
    this.#failures.set(boot.id, failures);
    const fault = loadFault(this.#options.worker.handler, reason);
    this.#failed(boot, { reason, fault, retrySeconds: FIRST_RETRY * 2 ** (failures - 1) });
    return true;
  }

  /** A worker is lost: no planned successor is needed. */
  lost(worker: WorkerHost): void {
    this.#settlePlan(worker, "it was lost meanwhile");
  }

  /** Boots no worker any more. */
  close(): void {
    this.#closed = true;
    this.#booter.close();
    for (const worker of [...this.#planned.keys()]) this.#settlePlan(worker, STOPS);
  }

  #failed(boot: Boot, { reason, fault, retrySeconds }: BootFailure): void {
    if (boot.from !== undefined) return this.#settlePlan(boot.from, fault);
    if (!this.#patient || (this.#failures.get(boot.id) ?? 0) >= MAX_FAILURES) {
      return this.#options.failed(new Error(fault));
    }
    this.#options.retried(boot.id, reason, retrySeconds);
    this.#booter.boot(boot, retrySeconds);
  }

  #settlePlan(worker: WorkerHost | undefined, fault?: string): void {
    if (worker === undefined) return;
    this.#planned.get(worker)?.resolve(fault);
    this.#planned.delete(worker);
  }
}
