/**
 * Boots workers, a few at a time: the reactor hears signals meanwhile, and the machine is not overrun.
 * Each needs descriptors, which clients may have taken; a boot that fails can be tried again.
 */

import type { DescriptorReserve } from "../../descriptors.ts";
import { reason } from "../../reason.ts";
import type { WorkerOptions } from "./box.ts";
import { WorkerHost, type WorkerListener } from "./worker_host.ts";

/** One boot: for which ID, and, where it is planned, the worker that it will take over from. */
export interface Boot {
  id: number;
  from?: WorkerHost;
}

/** Options of a {@linkcode Booter}. */
export interface BooterOptions {
  worker: WorkerOptions;
  /** What a worker starts with when clients have taken everything else. */
  descriptors: DescriptorReserve;
  listener: WorkerListener;
  /** A worker could not be started at all. */
  refused: (boot: Boot, reason: string, retrySeconds: number) => void;
}

/** Workers that load their handler at the same time, at the most. */
const PARALLEL = Math.max(2, navigator.hardwareConcurrency);

/** Seconds before a worker is started again for which the system had no descriptors, or no thread. */
const RETRY = 0.5;

/** Starts workers one after the other. */
export class Booter {
  readonly #options: BooterOptions;
  readonly #waiting: Boot[] = [];
  readonly #booting = new Map<WorkerHost, Boot>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  /** The worker that starts with the descriptors in reserve. */
  #borrower: WorkerHost | undefined;

  constructor(options: BooterOptions) {
    this.#options = options;
  }

  /** Starts a worker as soon as there is room for it, `delay` seconds from now at the earliest. */
  boot(boot: Boot, delay = 0): void {
    if (delay === 0) {
      this.#waiting.push(boot);
      return this.#next();
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.boot(boot);
    }, delay * 1000);
    this.#timers.add(timer);
  }

  /** A worker has booted, or will not. @returns its boot, if it was booting */
  settle(worker: WorkerHost): Boot | undefined {
    const boot = this.#booting.get(worker);
    this.#booting.delete(worker);
    if (worker === this.#borrower) {
      this.#borrower = undefined;
      this.#options.descriptors.giveBack();
    }
    this.#next();
    return boot;
  }

  /** Ends those that boot, and starts no more. */
  close(): void {
    this.#waiting.length = 0;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const worker of this.#booting.keys()) worker.terminate();
    this.#booting.clear();
  }

  #next(): void {
    while (this.#booting.size < PARALLEL) {
      const boot = this.#waiting.shift();
      if (boot === undefined) return;
      const { descriptors, refused, worker, listener } = this.#options;
      if (!descriptors.lend()) {
        refused(boot, "too many open files", RETRY);
        continue;
      }
      try {
        const host = new WorkerHost(boot.id, worker, listener);
        this.#booting.set(host, boot);
        if (descriptors.lent) this.#borrower ??= host;
      } catch (error) {
        descriptors.giveBack();
        refused(boot, `the system has no thread for it (${reason(error)})`, RETRY);
      }
    }
  }
}
