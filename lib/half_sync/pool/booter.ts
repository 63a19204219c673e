/**
 * Boots workers, one a turn of the event loop, so that the reactor hears signals in between. Each needs
 * descriptors, which clients may have taken; a failed boot can be tried again.
 */

import type { DescriptorReserve } from "../../descriptors.ts";
import { reason } from "../../reason.ts";
import type { WorkerOptions } from "./box.ts";
import { Timers } from "./timers.ts";
import { WorkerHost, type WorkerListener } from "./worker_host.ts";

/** One boot: its ID, and the worker that it will take over from, if that is planned. */
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

/**
 * Seconds until the next try, if the system had no descriptors or no thread for a worker. With less, tries
 * use up CPU; with more, the worker is missed for longer.
 */
const RETRY = 0.5;

/** Starts workers one after the other. */
export class Booter {
  readonly #options: BooterOptions;
  readonly #waiting: Boot[] = [];
  readonly #booting = new Map<WorkerHost, Boot>();
  readonly #timers = new Timers();
  /** Whether a boot is due in the next turn of the event loop. */
  #scheduled = false;

  constructor(options: BooterOptions) {
    this.#options = options;
  }

  /** Starts a worker in its turn, `delay` seconds from now at the earliest. */
  boot(boot: Boot, delay = 0): void {
    if (delay > 0) return void this.#timers.start(delay, () => this.boot(boot));
    this.#waiting.push(boot);
    if (!this.#scheduled) this.#next();
  }

  /** Starts anew each worker that boots under an ID. */
  restart(id: number): void {
    for (const [worker, boot] of [...this.#booting]) {
      if (boot.id !== id) continue;
      worker.terminate();
      this.settle(worker);
      this.boot(boot);
    }
  }

  /** A worker's boot has ended, well or not. @returns the boot, if it was booting */
  settle(worker: WorkerHost): Boot | undefined {
    const boot = this.#booting.get(worker);
    if (boot === undefined) return undefined;
    this.#booting.delete(worker);
    this.#options.descriptors.giveBack(boot);
    return boot;
  }

  /** Ends all boots, and starts no more. */
  close(): void {
    this.#waiting.length = 0;
    this.#timers.close();
    for (const worker of this.#booting.keys()) worker.terminate();
    this.#booting.clear();
  }

  /** Starts the next one, and the one behind it a turn later. */
  #next(): void {
    const boot = this.#waiting.shift();
    this.#scheduled = boot !== undefined;
    if (boot === undefined) return;
    this.#start(boot);
    this.#timers.start(0, () => this.#next());
  }

  #start(boot: Boot): void {
    const { descriptors, refused, worker, listener } = this.#options;
    if (!descriptors.lend(boot)) return refused(boot, "too many open files", RETRY);
    try {
      this.#booting.set(new WorkerHost(boot.id, worker, listener), boot);
    } catch (error) {
      descriptors.giveBack(boot);
      refused(boot, `the system has no thread for it (${reason(error)})`, RETRY);
    }
  }
}
