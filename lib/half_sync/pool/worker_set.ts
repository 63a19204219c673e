/** The workers of a pool by their places: which have nothing to do, and which could take more. */

import type { WorkerHost } from "./worker_host.ts";

/** A fixed number of places, each for the worker of one ID; and the workers that have left theirs. */
export class WorkerSet {
  /** By ID less 1; `undefined` while a lost worker is being replaced. */
  readonly #places: (WorkerHost | undefined)[];
  /** Workers that have left their places and finish what they hold. */
  readonly #retiring = new Set<WorkerHost>();
  #next = 0;

  constructor(places: number) {
    this.#places = Array(places).fill(undefined);
  }

  /** The IDs, in order. */
  get ids(): number[] {
    return this.#places.map((_, index) => index + 1);
  }

  /** All workers that may hold lines. */
  get all(): WorkerHost[] {
    return [...this.seated, ...this.#retiring];
  }

  /** All workers in a place. */
  get seated(): WorkerHost[] {
    return this.#places.filter((worker) => worker !== undefined);
  }

  /** The worker in the place of this ID. */
  at(id: number): WorkerHost | undefined {
    return this.#places[id - 1];
  }

  /** Whether every place is taken. */
  get complete(): boolean {
    return this.#places.every((worker) => worker !== undefined);
  }

  /** Gives a worker the place of its ID; the one before it finishes what it holds. */
  install(worker: WorkerHost): void {
    const before = this.#places[worker.id - 1];
    this.#places[worker.id - 1] = worker;
    if (before === undefined) return;
    before.retire();
    this.#retiring.add(before);
  }

  /** A worker is lost, or has ended. @returns whether its place is free now */
  remove(worker: WorkerHost): boolean {
    this.#retiring.delete(worker);
    if (this.#places[worker.id - 1] !== worker) return false;
    this.#places[worker.id - 1] = undefined;
    return true;
  }

  /** A worker with nothing to do. They take turns, but the most alert one goes first: it starts sooner. */
  idle(): WorkerHost | undefined {
    const count = this.#places.length;
    let found: WorkerHost | undefined;
    for (let offset = 0; offset < count; offset++) {
      const worker = this.#places[(this.#next + offset) % count];
      if (!worker?.hasRoom || !worker.idle) continue;
      if (found === undefined || worker.alertness > found.alertness) found = worker;
    }
    if (found !== undefined) this.#next = found.id; // the index of the one behind it
    return found;
  }

  /** How many have nothing to do. */
  get idleCount(): number {
    let count = 0;
    for (const worker of this.#places) if (worker?.hasRoom && worker.idle) count++;
    return count;
  }

  /** The worker with room that has the least to do, if that is under `load` µs. */
  leastBusy(load: number): WorkerHost | undefined {
    let least: WorkerHost | undefined;
    for (const worker of this.#places) {
      if (!worker?.hasRoom || worker.load >= load) continue;
      if (least === undefined || worker.load < least.load) least = worker;
    }
    return least;
  }
}
