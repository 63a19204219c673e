/**
 * Lane: the flows that are served in turn by the same executors. All flows share one lane, and any executor
 * takes jobs from it; or, in pinned order, each executor has a lane of its own.
 */

import type { Capacity, Portion } from "./executor.ts";
import type { Run } from "./run.ts";
import type { Turn, TurnTaker } from "./turn.ts";
import { Turns } from "./turns.ts";

/** What a lane must know of a flow. */
export interface LaneMember<Self extends TurnTaker> extends TurnTaker {
  readonly turn: Turn<Self>;
  /** Estimated cost of one of its jobs, in microseconds. */
  readonly cost: number;
  /** Lines of its first run. */
  readonly firstCount: number;
  /** How many lines of its first run fit into `bytes` bytes. */
  fitting(bytes: number): number;
  /** Takes so many lines from its front. */
  take(lines: number): Run;
}

/** What a lane must know of the queue. */
export interface LaneQueue {
  readonly capacity: Capacity;
  /** Lines accepted and not yet answered, of all flows. */
  readonly unanswered: number;
}

/**
 * Work that a flow may do in one turn, in microseconds. With more, other flows wait longer; with less, runs
 * are cut into more pieces.
 */
const QUANTUM = 250;

/**
 * Less work than this is not divided, in microseconds: a second message costs as much. With less, the replies
 * of clients that send ahead leave in more and smaller writes.
 */
export const MIN_WORK = 100;

/** Jobs that wait for the same executors. */
export class Lane<T extends LaneMember<T>> {
  readonly turns = new Turns<T>();
  /** Flows that are pinned to this lane. */
  readonly #members = new Set<T>();
  #emptied: PromiseWithResolvers<void> | undefined;
  /** Jobs that wait, and bytes of their lines. */
  waiting = 0;
  waitingBytes = 0;

  /** How many flows are pinned to it. */
  get size(): number {
    return this.#members.size;
  }

  /** Flows that are pinned to it. */
  get members(): T[] {
    return [...this.#members];
  }

  /** A flow is pinned to it from now on. */
  join(flow: T): void {
    this.#members.add(flow);
  }

  /** A flow needs it no more. */
  leave(flow: T): void {
    this.#members.delete(flow);
    if (this.size === 0) this.#emptied?.resolve();
  }

  /** Resolves when no flow is pinned to it. */
  async whenEmpty(): Promise<void> {
    if (this.size === 0) return;
    this.#emptied ??= Promise.withResolvers();
    await this.#emptied.promise;
    this.#emptied = undefined;
  }

  /**
   * Whether waiting lines are so short, on average, that their number fills a batch before their bytes do.
   */
  hasShortLines({ lines, bytes }: Capacity): boolean {
    return this.waitingBytes / this.waiting < bytes / lines;
  }

  /**
   * Takes jobs in turn, worth up to `budget` microseconds in all; a dearer one goes alone.
   *
   * @returns the jobs, or `undefined` when none can be taken
   */
  take(budget: number, { capacity, unanswered }: LaneQueue): Portion<Run> | undefined {
    const runs: Run[] = [];
    let cost = 0;
    let lines = 0;
    let bytes = 0;
    while (lines < capacity.lines) {
      const flow = this.turns.next();
      if (flow === undefined) break;
      const wanted = affordable(flow, Math.min(QUANTUM, budget - cost));
      const room = Math.min(capacity.lines - lines, flow.fitting(capacity.bytes - bytes));
      if (runs.length > 0) {
        if (room < 1 || cost + flow.cost > budget) break;
        const full = lines > capacity.lines / 2 || bytes > capacity.bytes / 2;
        if (room < wanted && full) break; // it is not divided: the next batch begins with it
      }
      const run = flow.take(Math.max(1, Math.min(wanted, room))); // one that fits nowhere goes alone
      runs.push(run);
      bytes += run.block.size;
      lines += run.count;
      cost += run.expected;
      if (!flow.ready) this.turns.leave(flow.turn);
    }
    this.waiting -= lines;
    this.waitingBytes -= bytes;
    return runs.length > 0 ? { runs, cost, unanswered } : undefined;
  }
}

/** How many lines of a flow's first run fit into `micros` microseconds; all, if few would be left. */
function affordable(
  { firstCount, cost }: { firstCount: number; cost: number },
  micros: number,
): number {
  const lines = Math.ceil(micros / cost);
  return (firstCount - lines) * cost <= MIN_WORK ? firstCount : lines;
}
