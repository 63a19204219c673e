/**
 * Queueing layer: the bounded queue between the asynchronous and the synchronous world. It holds the jobs
 * of all connections, a flow each, and gives them out by turns.
 */

import { MAX_BATCH_BYTES, MAX_BATCH_LINES } from "../half_sync/batch_slot.ts";
import type { Flow, FlowOwner } from "./flow.ts";
import type { LineBlock } from "./line_block.ts";
import type { Run } from "./run.ts";
import { Turns } from "./turns.ts";

/** What a flow has in one turn, in microseconds. */
const QUANTUM = 250;

/**
 * Less work than this, in microseconds, is not divided: a second message costs as much. Measured: not to
 * divide runs gained 6 to 10 % with 16 clients that send ahead, whose replies then leave in one write.
 */
export const MIN_WORK = 100;

/** What a job is taken to cost, in microseconds, before the first ones have been measured: much. */
const FIRST_GUESS = 1000;

/** The first job of a flow counts for no more than so many usual ones: one of half a minute shows little. */
const MAX_SURPRISE = 4;

/** Most bytes of lines accepted and not yet answered, over all connections. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Options of a {@linkcode JobQueue}. */
export interface JobQueueOptions {
  /** Most lines accepted and not yet answered. */
  limit: number;
  /** Whether a flow's next job waits for the one before it. */
  serial: boolean;
}

/** Jobs taken from the queue to travel together. */
export interface Portion {
  runs: Run[];
  /** Estimated cost, in microseconds. */
  cost: number;
}

/** The jobs of all connections, in turn. */
export class JobQueue implements FlowOwner {
  /** Most lines accepted and not yet answered. */
  readonly limit: number;
  /** Whether a flow's next job waits for the one before it. */
  readonly serial: boolean;
  /** Called when a job waits that did not wait before. */
  onJob: () => void = () => {};
  /** Mean cost of a job lately, in microseconds; high until the first ones have been measured. */
  cost = FIRST_GUESS;
  /** Cost of the first jobs of flows lately, in microseconds: what is expected of a new one. */
  firstCost = FIRST_GUESS;
  #unanswered = 0;
  #bytes = 0;
  #waiting = 0;
  #waitingBytes = 0;
  readonly #turns = new Turns<Flow>();
  readonly #paused = new Set<() => void>();
  #resuming = false;

  constructor(options: JobQueueOptions) {
    this.limit = options.limit;
    this.serial = options.serial;
  }

  /** Lines accepted and not yet answered. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** Lines that wait for a worker. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether waiting lines are so short, in the mean, that their number fills a batch, not their bytes. */
  get hasShortLines(): boolean {
    return this.#waitingBytes / this.#waiting < MAX_BATCH_BYTES / MAX_BATCH_LINES;
  }

  /** The limit that is reached when there is no room. */
  get reached(): string {
    return this.#bytes >= MAX_BYTES
      ? `${MAX_BYTES} bytes of unanswered lines`
      : `${this.limit} unanswered lines`;
  }

  /** How many more lines may be accepted: none from the high water mark on. */
  get room(): number {
    return this.#bytes >= MAX_BYTES ? 0 : Math.max(0, this.limit - this.#unanswered);
  }

  /**
   * How many more lines a flow may have accepted: it may have as many as are left free for the others. So
   * greedy flows never leave a new one without room (dynamic thresholds, Choudhury and Hahne 1998),
   * whether their jobs are slow or their replies are not read.
   */
  roomFor({ unanswered }: Flow): number {
    if (this.#paused.size > 0 && !this.#resuming) return 0; // those who wait come first
    if (this.room === 0) return 0;
    return Math.max(0, Math.ceil((this.limit - this.#unanswered - unanswered) / 2));
  }

  /** Calls `resume` once, when there is room for a flow that has no line unanswered; first come first. */
  whenRoom(resume: () => void): void {
    this.#paused.add(resume);
  }

  /** Forgets a call that {@linkcode whenRoom} promised. */
  forget(resume: () => void): void {
    this.#paused.delete(resume);
  }

  /** A flow has accepted lines. */
  pushed(flow: Flow, lines: LineBlock): void {
    this.#unanswered += lines.count;
    this.#waiting += lines.count;
    this.#waitingBytes += lines.size;
    this.#bytes += lines.size;
    this.#enter(flow);
  }

  /** Lines that were taken wait again. */
  takenBack(flow: Flow, lines: LineBlock): void {
    this.#waiting += lines.count;
    this.#waitingBytes += lines.size;
    this.#enter(flow);
  }

  /** Lines of a flow have been answered. */
  answered(_flow: Flow, lines: number, bytes: number): void {
    this.#unanswered -= lines;
    this.#bytes -= bytes;
    if (this.#paused.size > 0) this.#resume();
  }

  /** A flow's connection is gone, and its waiting lines are given up. */
  dropped(flow: Flow, lines: number, bytes: number): void {
    this.#turns.leave(flow.turn);
    if (lines === 0) return;
    this.#waiting -= lines;
    this.#waitingBytes -= bytes;
    this.answered(flow, lines, bytes);
  }

  /** A flow's run was taken, and should cost so many microseconds. */
  charge(flow: Flow, expected: number): void {
    this.#turns.charge(flow.turn, expected);
  }

  /** Lines were taken back that should have cost so many microseconds; `whole`: all that is left of a run. */
  refund(flow: Flow, expected: number, whole: boolean): void {
    this.#turns.refund(flow.turn, expected, whole);
  }

  /** A run that should cost `expected` microseconds has cost `micros`. */
  settle(flow: Flow, expected: number, micros: number): void {
    this.#turns.settle(flow.turn, expected, micros);
  }

  /** A flow may have jobs to take that it did not have before. */
  activate(flow: Flow): void {
    if (!flow.turn.waiting) this.#enter(flow);
  }

  /** Learns from a flow's new estimate what a job costs; `first`: the flow had none before. */
  learn(cost: number, first: boolean): void {
    this.cost += (cost - this.cost) / 8;
    if (first) {
      this.firstCost += (Math.min(cost, MAX_SURPRISE * this.firstCost) - this.firstCost) / 8;
    }
  }

  /**
   * Takes jobs worth up to `budget` microseconds, by turns; one that costs more goes alone.
   *
   * @returns the jobs, or `undefined` when none can be taken
   */
  take(budget: number): Portion | undefined {
    const runs: Run[] = [];
    let cost = 0;
    let lines = 0;
    let bytes = 0;
    while (lines < MAX_BATCH_LINES) {
      const flow = this.#turns.next();
      if (flow === undefined) break;
      const wanted = affordable(flow, Math.min(QUANTUM, budget - cost));
      const room = Math.min(MAX_BATCH_LINES - lines, flow.fitting(MAX_BATCH_BYTES - bytes));
      if (runs.length > 0) {
        if (room < 1 || cost + flow.cost > budget) break;
        const full = lines > MAX_BATCH_LINES / 2 || bytes > MAX_BATCH_BYTES / 2;
        if (room < wanted && full) break; // rather than to divide it, the next batch begins with it
      }
      const run = flow.take(Math.max(1, Math.min(wanted, room))); // one that fits nowhere goes alone
      runs.push(run);
      bytes += run.block.size;
      lines += run.count;
      cost += run.expected;
      if (!flow.ready) this.#turns.leave(flow.turn);
    }
    this.#waiting -= lines;
    this.#waitingBytes -= bytes;
    return runs.length > 0 ? { runs, cost } : undefined;
  }

  #enter(flow: Flow): void {
    if (!flow.ready) return; // it comes when it is
    this.#turns.enter(flow.turn);
    this.onJob();
  }

  #resume(): void {
    this.#resuming = true;
    for (const resume of this.#paused) {
      if (this.room === 0) break;
      this.#paused.delete(resume);
      resume();
    }
    this.#resuming = false;
  }
}

/** How many lines of a flow's first run `micros` microseconds are enough for; all, if little is left. */
function affordable({ firstCount, cost }: Flow, micros: number): number {
  const lines = Math.ceil(micros / cost);
  return (firstCount - lines) * cost <= MIN_WORK ? firstCount : lines;
}
