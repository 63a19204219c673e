/**
 * Pinned lanes: in pinned order each executor has a lane of its own, and a connection stays in the lane that
 * it got at its beginning.
 */

import type { Executor } from "./executor.ts";
import type { Flow } from "./flow.ts";
import { Lane } from "./lane.ts";

/** The lanes of executors. */
export class PinnedLanes {
  readonly #lanes = new Map<Executor, Lane<Flow>>();
  /** The lane of flows that wait for an executor to be pinned to. */
  #unseated: Lane<Flow> | undefined;

  /** The lanes by their executors. */
  get lanes(): ReadonlyMap<Executor, Lane<Flow>> {
    return this.#lanes;
  }

  /**
   * The lane for a new pinned flow: that of the executor with the fewest flows, then the least to do. While
   * there is no executor, it is the lane that the next one will get.
   */
  leastLane(executors: readonly Executor[]): Lane<Flow> {
    this.seat(executors);
    const size = (executor: Executor) => this.#lanes.get(executor)?.size ?? 0;
    const [least] = executors.toSorted((one, other) =>
      size(one) - size(other) || one.load - other.load
    );
    if (least === undefined) return this.#unseated ??= new Lane();
    let lane = this.#lanes.get(least);
    if (lane === undefined) this.#lanes.set(least, lane = new Lane());
    return lane;
  }

  /** Gives the lane without an executor to an executor without a lane. */
  seat(executors: readonly Executor[]): void {
    if (this.#unseated === undefined) return;
    const executor = executors.find((each) => !this.#lanes.has(each));
    if (executor === undefined) return;
    this.#lanes.set(executor, this.#unseated);
    this.#unseated = undefined;
  }

  /** Resolves when no flow is pinned to an executor any more; at once, if none is. */
  async whenUnpinned(executor?: Executor): Promise<void> {
    const lanes = executor === undefined
      ? [...this.#lanes.values(), this.#unseated]
      : [this.#lanes.get(executor)];
    await Promise.all(lanes.map((lane) => lane?.whenEmpty()));
  }

  /** An executor is gone, or has to go: the connections pinned to it end. */
  expel(executor: Executor, reason: string, isAlive: boolean): void {
    const flows = this.#lanes.get(executor)?.members ?? [];
    if (!isAlive) this.#lanes.delete(executor);
    for (const flow of flows) flow.executorLost(reason, isAlive);
  }
}
