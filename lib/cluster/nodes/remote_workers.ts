/** The workers of all nodes of a front: which one has nothing to do, and which one could take more. */

import type { Executor } from "../../queueing/executor.ts";
import type { RemoteWorker } from "./remote_worker.ts";

/**
 * A worker with less to do than this, in microseconds, counts as idle: it is done before the next batch has
 * arrived.
 */
const AHEAD = 500;

/** A node, as far as its workers go. */
export interface WorkerGroup {
  readonly workers: readonly RemoteWorker[];
}

/** The workers of all nodes, in a group for each. */
export class RemoteWorkers {
  #groups: readonly WorkerGroup[] = [];
  #workers: readonly RemoteWorker[] = [];
  #next = 0;

  /** All of them. */
  get all(): readonly RemoteWorker[] {
    return this.#workers;
  }

  /** The nodes' groups from now on. */
  set groups(groups: Iterable<WorkerGroup>) {
    this.#groups = [...groups];
    this.#workers = this.#groups.flatMap(({ workers }) => workers);
  }

  /** How many have nothing to do. */
  get idleCount(): number {
    let count = 0;
    for (const worker of this.#workers) if (worker.idle && worker.hasRoom) count++;
    return count;
  }

  /** One that has nothing to do, or next to nothing; the nodes take turns. */
  idle(): Executor | undefined {
    const { length } = this.#groups;
    for (let offset = 0; offset < length; offset++) {
      const at = (this.#next + offset) % length;
      const worker = this.#groups[at].workers.find((worker) => worker.idle && worker.hasRoom);
      if (worker === undefined) continue;
      this.#next = at + 1;
      return worker;
    }
    return this.leastBusy(AHEAD);
  }

  /** Of those that have room, the one with the least to do, if that is under `load` µs. */
  leastBusy(load: number): Executor | undefined {
    let least: Executor | undefined;
    for (const worker of this.#workers) {
      if (!worker.hasRoom || worker.load >= (least?.load ?? load)) continue;
      least = worker;
    }
    return least;
  }
}
