/**
 * Queueing layer: the bounded queue between the asynchronous and the synchronous world. Each connection's
 * jobs are a flow; the flows are served in turn.
 */

import type { Capacity, Portion } from "./executor.ts";
import type { Flow } from "./flow.ts";
import type { FlowOwner } from "./flow_owner.ts";
import { Lane } from "./lane.ts";
import type { LineBlock } from "./line_block.ts";
import type { LineObserver } from "./line_observer.ts";
import { PinnedLanes } from "./pinned_lanes.ts";
import type { Run } from "./run.ts";

/**
 * Estimated cost of a job before any was measured, in microseconds. It is high: if it were too low, the first
 * batches would be too large, and quick jobs would wait behind slow ones.
 */
const FIRST_GUESS = 1000;

/**
 * Most that a flow's first job counts for, in usual ones: a job of 30 s must not make every new client look
 * slow.
 */
const MAX_SURPRISE = 4;

/** Most bytes of lines accepted and not yet answered, over all connections. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Options of a {@linkcode JobQueue}. */
export interface JobQueueOptions {
  /** Most lines accepted and not yet answered. */
  limit: number;
  /** Whether a flow's next job waits for the one before it. */
  serial: boolean;
  /** How much one batch may hold. */
  capacity: Capacity;
  /** Watches the lines of all connections. */
  observer?: LineObserver;
}

/** The jobs of all connections, in turn. */
export class JobQueue implements FlowOwner<Flow> {
  /** Most lines accepted and not yet answered. */
  readonly limit: number;
  /** Whether a flow's next job waits for the one before it. */
  readonly serial: boolean;
  readonly observer: LineObserver | undefined;
  /** How much one batch may hold. */
  readonly capacity: Capacity;
  /** Most bytes of lines accepted and not yet answered. */
  readonly byteLimit = MAX_BYTES;
  /** Called when a flow has a job to take. */
  onJob: () => void = () => {};
  /** Mean cost of a job lately, in microseconds; high until the first ones have been measured. */
  cost = FIRST_GUESS;
  /** What the first jobs of flows cost lately, in microseconds; a new flow starts with it. */
  firstCost = FIRST_GUESS;
  #unanswered = 0;
  #bytes = 0;
  /** The lane of all flows that are not pinned, and the lanes of those that are. */
  readonly lane = new Lane<Flow>();
  readonly pinned = new PinnedLanes();
  readonly #paused = new Set<() => void>();
  #resuming = false;

  constructor(options: JobQueueOptions) {
    this.limit = options.limit;
    this.serial = options.serial;
    this.observer = options.observer;
    this.capacity = options.capacity;
  }

  /** Lines accepted and not yet answered. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** Jobs of the common lane that wait. */
  get waiting(): number {
    return this.lane.waiting;
  }

  /** Jobs that wait, in all lanes, and bytes of their lines. */
  get queued(): { lines: number; bytes: number } {
    const lanes = [this.lane, ...this.pinned.lanes.values()];
    return {
      lines: lanes.reduce((sum, { waiting }) => sum + waiting, 0),
      bytes: lanes.reduce((sum, { waitingBytes }) => sum + waitingBytes, 0),
    };
  }

  /** Whether waiting lines are so short that their number fills a batch before their bytes do. */
  hasShortLines(lane: Lane<Flow>): boolean {
    return lane.hasShortLines(this.capacity);
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
   * How many more lines a flow may have accepted: it may have as many unanswered as it leaves free for
   * others. So greedy flows always leave room for a new one (dynamic thresholds, Choudhury and Hahne 1998),
   * whether their jobs are slow or their replies are not read.
   */
  roomFor({ unanswered }: Flow): number {
    if (this.#paused.size > 0 && !this.#resuming) return 0; // those that wait come first
    if (this.room === 0) return 0;
    return Math.max(0, Math.ceil((this.limit - this.#unanswered - unanswered) / 2));
  }

  /**
   * Calls `resume` once, when there is room; first come, first served. For flows without an unanswered line.
   */
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
    this.#bytes += lines.size;
    this.wait(flow, lines.count, lines.size);
  }

  /** Jobs of a flow wait: new ones, or lines that were taken back. */
  wait(flow: Flow, jobs: number, bytes: number): void {
    flow.lane.waiting += jobs;
    flow.lane.waitingBytes += bytes;
    this.#enter(flow);
  }

  /** Lines have been answered, or given up. */
  answered(lines: number, bytes: number): void {
    this.#unanswered -= lines;
    this.#bytes -= bytes;
    if (this.#paused.size > 0) this.#resume();
  }

  /** Waiting jobs of a flow are given up. */
  dropped(flow: Flow, jobs: number, bytes: number): void {
    if (!flow.ready) flow.lane.turns.leave(flow.turn);
    flow.lane.waiting -= jobs;
    flow.lane.waitingBytes -= bytes;
  }

  /** A flow may have jobs to take again. */
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

  /** Takes jobs of the common lane; see {@linkcode Lane.take}. */
  take(budget: number, lane: Lane<Flow> = this.lane): Portion<Run> | undefined {
    return lane.take(budget, this);
  }

  #enter(flow: Flow): void {
    if (!flow.ready) return; // it enters when it is
    flow.lane.turns.enter(flow.turn);
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
